/**
 * The properties of OpenDSS's classes in the order in which values without a name are taken, as the program's own help lists them; in
 * lower case, `%` written `pct`.
 */
const properties = {
  line:
    'bus1 bus2 linecode length phases r1 x1 r0 x0 c1 c0 rmatrix xmatrix cmatrix switch rg xg rho geometry ' +
    'units spacing wires earthmodel cncables tscables b1 b0 seasons ratings linetype normamps emergamps ' +
    'faultrate pctperm repair basefreq enabled like',
  linecode:
    'nphases r1 x1 r0 x0 c1 c0 units rmatrix xmatrix cmatrix basefreq normamps emergamps faultrate pctperm ' +
    'repair kron rg xg rho neutral b1 b0 seasons ratings linetype like',
  linegeometry:
    'nconds nphases cond wire x h units normamps emergamps reduce spacing wires cncable tscable cncables ' +
    'tscables seasons ratings linetype like',
  linespacing: 'nconds nphases x h units like',
  wiredata: 'rdc rac runits gmrac gmrunits radius radunits normamps emergamps diam seasons ratings capradius like',
  cndata:
    'k diastrand gmrstrand rstrand epsr inslayer diains diacable rdc rac runits gmrac gmrunits radius radunits ' +
    'normamps emergamps diam seasons ratings capradius like',
  tsdata:
    'diashield tapelayer tapelap epsr inslayer diains diacable rdc rac runits gmrac gmrunits radius radunits ' +
    'normamps emergamps diam seasons ratings capradius like',
  transformer:
    'phases windings wdg bus conn kv kva tap pctr rneut xneut buses conns kvs kvas taps xhl xht xlt xscarray ' +
    'thermal n m flrise hsrise pctloadloss pctnoloadloss normhkva emerghkva sub maxtap mintap numtaps subname ' +
    'pctimag ppm_antifloat pctrs bank xfmrcode xrconst x12 x13 x23 leadlag wdgcurrents core rdcohms seasons ' +
    'ratings normamps emergamps faultrate pctperm repair basefreq enabled like',
  xfmrcode:
    'phases windings wdg conn kv kva tap pctr rneut xneut conns kvs kvas taps xhl xht xlt xscarray thermal n m ' +
    'flrise hsrise pctloadloss pctnoloadloss normhkva emerghkva maxtap mintap numtaps pctimag ppm_antifloat ' +
    'pctrs x12 x13 x23 rdcohms seasons ratings like',
  capacitor:
    'bus1 bus2 phases kvar kv conn cmatrix cuf r xl harm numsteps states normamps emergamps faultrate pctperm ' +
    'repair basefreq enabled like',
  reactor:
    'bus1 bus2 phases kvar kv conn rmatrix xmatrix parallel r x rp z1 z2 z0 z rcurve lcurve lmh normamps ' +
    'emergamps faultrate pctperm repair basefreq enabled like',
  load:
    'phases bus1 kv kw pf model yearly daily duty growth conn kvar rneut xneut status class vminpu vmaxpu ' +
    'vminnorm vminemerg xfkva allocationfactor kva pctmean pctstddev cvrwatts cvrvars kwh kwhdays cfactor ' +
    'cvrcurve numcust zipv pctseriesrl relweight vlowpu puxharm xrharm spectrum basefreq enabled like',
  generator:
    'phases bus1 kv kw pf kvar model vminpu vmaxpu yearly daily duty dispmode dispvalue conn status class vpu ' +
    'maxkvar minkvar pvfactor forceon kva mva xd xdp xdpp h d usermodel userdata shaftmodel shaftdata ' +
    'dutystart debugtrace balanced xrdp usefuel fuelkwh pctfuel pctreserve refuel dynamiceq dynout spectrum ' +
    'basefreq enabled like',
  pvsystem:
    'phases bus1 kv irradiance pmpp pctpmpp temperature pf conn kvar kva pctcutin pctcutout effcurve p-tcurve ' +
    'pctr pctx model vminpu vmaxpu balanced limitcurrent yearly daily duty tyearly tdaily tduty class ' +
    'usermodel userdata debugtrace varfollowinverter dutystart wattpriority pfpriority pctpminnovars ' +
    'pctpminkvarmax kvarmax kvarmaxabs kvdc kp pitol safevoltage safemode dynamiceq dynout controlmode ' +
    'amplimit amplimitgain spectrum basefreq enabled like',
  storage:
    'phases bus1 kv conn kw kvar pf kva pctcutin pctcutout effcurve varfollowinverter kvarmax kvarmaxabs ' +
    'wattpriority pfpriority pctpminnovars pctpminkvarmax kwrated pctkwrated kwhrated kwhstored pctstored ' +
    'pctreserve state pctdischarge pctcharge pcteffcharge pcteffdischarge pctidlingkw pctidlingkvar pctr pctx ' +
    'model vminpu vmaxpu balanced limitcurrent yearly daily duty dispmode dischargetrigger chargetrigger ' +
    'timechargetrig class dynadll dynadata usermodel userdata debugtrace kvdc kp pitol safevoltage safemode ' +
    'dynamiceq dynout controlmode amplimit amplimitgain spectrum basefreq enabled like',
  vsource:
    'bus1 basekv pu angle frequency phases mvasc3 mvasc1 x1r1 x0r0 isc3 isc1 r1 x1 r0 x0 scantype sequence ' +
    'bus2 z1 z0 z2 puz1 puz0 puz2 basemva yearly daily duty model puzideal spectrum basefreq enabled like',
  regcontrol:
    'transformer winding vreg band ptratio ctprim r x bus delay reversible revvreg revband revr revx tapdelay ' +
    'debugtrace maxtapchange inversetime tapwinding vlimit ptphase revthreshold revdelay revneutral eventlog ' +
    'remoteptratio tapnum reset ldc_z rev_z cogen basefreq enabled like',
  capcontrol:
    'element terminal capacitor type ptratio ctratio onsetting offsetting delay voltoverride vmax vmin ' +
    'delayoff deadtime ctphase ptphase vbus eventlog usermodel userdata pctminkvar reset controlsignal ' +
    'basefreq enabled like',
  swtcontrol: 'switchedobj switchedterm action lock delay normal state reset basefreq enabled like',
  fuse:
    'monitoredobj monitoredterm switchedobj switchedterm fusecurve ratedcurrent delay action normal state ' +
    'basefreq enabled like',
  recloser:
    'monitoredobj monitoredterm switchedobj switchedterm numfast phasefast phasedelayed groundfast ' +
    'grounddelayed phasetrip groundtrip phaseinst groundinst reset shots recloseintervals delay action ' +
    'tdphfast tdgrfast tdphdelayed tdgrdelayed normal state basefreq enabled like',
  relay:
    'monitoredobj monitoredterm switchedobj switchedterm type phasecurve groundcurve phasetrip groundtrip ' +
    'tdphase tdground phaseinst groundinst reset shots recloseintervals delay overvoltcurve undervoltcurve ' +
    'kvbase 47pctpickup 46baseamps 46pctpickup 46isqt variable overtrip undertrip breakertime action z1mag ' +
    'z1ang z0mag z0ang mphase mground eventlog debugtrace distreverse normal state doc_tiltanglelow ' +
    'doc_tiltanglehigh doc_tripsettinglow doc_tripsettinghigh doc_tripsettingmag doc_delayinner ' +
    'doc_phasecurveinner doc_phasetripinner doc_tdphaseinner doc_p1blocking basefreq enabled like',
  energymeter:
    'element terminal action option kvanormal kvaemerg peakcurrent zonelist localonly mask losses linelosses ' +
    'xfmrlosses seqlosses 3phaselosses vbaselosses phasevoltagereport int_rate int_duration saifi saifikw ' +
    'saidi caidi custinterrupts basefreq enabled like',
} as const;

/** A class whose objects become part of the network. */
export type DssClass = keyof typeof properties;

const inOrder: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(properties).map(([name, words]) => [name, words.split(' ')]),
);

/** Classes that say something, but nothing of what is connected to what: curves, shapes, instruments, dispatch. */
const beside = new Set(
  (
    'loadshape tshape priceshape growthshape xycurve tcc_curve spectrum dynamicexp cablespacing monitor ' +
    'sensor invcontrol expcontrol storagecontroller gendispatcher espvlcontrol upfccontrol'
  ).split(' '),
);

export type ClassFound =
  | { readonly kind: 'carried'; readonly name: DssClass; readonly properties: readonly string[] }
  | { readonly kind: 'beside'; readonly name: string }
  | { readonly kind: 'unknown'; readonly name: string };

export function classNamed(text: string): ClassFound {
  const name = text.toLowerCase();
  // A circuit is the source that it begins with.
  const own = name === 'circuit' ? 'vsource' : name;
  const known = inOrder.get(own);
  if (known !== undefined) return { kind: 'carried', name: own as DssClass, properties: known };
  return { kind: beside.has(name) ? 'beside' : 'unknown', name };
}

/** A name as it is written, or the first of which it is the beginning: OpenDSS takes `ppm` for `ppm_antifloat`. */
export function nameAmong(names: readonly string[], written: string): string | undefined {
  const asked = written.toLowerCase().replaceAll('%', 'pct');
  return names.find((name) => name === asked) ?? names.find((name) => name.startsWith(asked));
}
