import { nameAmong } from './property-names.ts';

/** In the order in which OpenDSS completes what is abbreviated. */
const commands = (
  'new edit more m ~ select save show solve enable disable plot reset compile set dump open close // redirect help quit ? next panel ' +
  'sample clear about calcvoltagebases setkvbase buildy get init export fileedit voltages currents powers seqvoltages seqcurrents ' +
  'seqpowers losses phaselosses cktlosses allocateloads formedit totals capacity classes userclasses zsc zsc10 zscrefresh ysc ' +
  'puvoltages varvalues varnames buscoords makebuslist makeposseq reduce interpolate alignfile top rotate vdiff summary distribute ' +
  'di_plot comparecases yearlycurves cd visualize closedi doscmd estimate reconductor _initsnap _solvenocontrol _samplecontrols ' +
  '_docontrolactions _showcontrolqueue _solvedirect _solvepflow addbusmarker uuids setloadandgenkv cvrtloadshapes nodediff rephase ' +
  'setbusxy updatestorage obfuscate latlongcoords batchedit pstcalc variable var reprocessbuses clearbusmarkers relcalc cleanup ' +
  'finishtimestep nodelist connect disconnect remove calcincmatrix calcincmatrix_o refine_buslevels calclaplacian export_overloads ' +
  'export_vviolations zsc012 allpceatbus allpdeatbus totalpowers giscoords clearall comhelp newactor wait solveall ' +
  'aggregateprofiles tear_circuit abort clone'
).split(' ');

/** These would alter the network in ways that are not followed here. */
const altering = new Set([
  'reduce',
  'makeposseq',
  'rephase',
  'reconductor',
  'allocateloads',
  'estimate',
  'distribute',
  'remove',
  'setloadandgenkv',
  'clone',
]);

export function commandNamed(word: string): string | undefined {
  return nameAmong(commands, word);
}

export const altersUnfollowed = (command: string): boolean => altering.has(command);

export function besideTheNetwork(command: string): string {
  return `the command ${command} calculates or shows something: it says nothing of the network`;
}
