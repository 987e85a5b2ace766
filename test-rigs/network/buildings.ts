import type { Building } from './services.ts';

/** Forty customers of commerce, industry and the public, with their coincident peak. */
export const buildings: readonly (Building & { readonly district: string; readonly onTrunk: boolean })[] = [
  ...of('W1', 'public', ['Tallgrass Hospital', 620, 'critical'], ['Northside School', 140]),
  ...of('W1', 'commercial', ['Prairie Market', 210], ['Meadow Nursing Home', 160, 'critical'], ['Corner Bakery', 55]),
  ...of('W2', 'public', ['Water Works', 380, 'critical'], ['Fire Station', 45, 'critical'], ['County Fairground', 90]),
  ...of('W2', 'commercial', ['South Gate Mall', 420], ['Garden Centre', 70], ['Westside Clinic', 120]),
  ...of(
    'W3',
    'commercial',
    ['Union Hotel', 240],
    ['Tallgrass Bank', 130],
    ['Odeon Cinema', 150],
    ['Main Street Offices', 280],
  ),
  ...of('W3', 'commercial', ['Central Market Hall', 190], ['Telephone Exchange', 110], ['Department Store', 330]),
  ...of('W3', 'public', ['Town Hall', 125], ['Public Library', 75]),
  ...of('E1', 'public', ['Tallgrass High School', 310, 'critical'], ['Swimming Hall', 200]),
  ...of(
    'E1',
    'commercial',
    ['East End Market', 180],
    ['Hilltop Inn', 85],
    ['Car Dealership', 65],
    ['Veterinary Clinic', 50],
  ),
  ...of(
    'E2',
    'industrial',
    ['Tallgrass Brewery', 540],
    ['Grain Elevator', 290],
    ['Sheet Metal Works', 460],
    ['Dairy', 520],
  ),
  ...of('E2', 'industrial', ['Sawmill', 350], ['Cold Store', 410], ['Concrete Plant', 260]),
  ...of('E2', 'public', ['Sewage Works', 230, 'critical']),
  ...of(
    'E3',
    'commercial',
    ['Data Centre', 680],
    ['Shopping Arcade', 300],
    ['Bus Depot', 170],
    ['Printing House', 145],
  ),
  ...of('E3', 'public', ['Community College', 340], ['Courthouse', 115]),
];

function of(district: string, kind: Building['kind'], ...entries: readonly (readonly [string, number, 'critical'?])[]) {
  return entries.map(([name, kw, critical]) => ({
    district,
    kind,
    name,
    kw,
    onTrunk: kw > 200,
    ...(critical === undefined ? {} : { critical: true as const }),
  }));
}
