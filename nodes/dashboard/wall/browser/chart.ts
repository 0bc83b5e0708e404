import type { WallState } from '../../../api/wall-state.js';
import { marksUpTo } from '../../client/axis.js';
import { drawn, element } from './elements.js';
import { clock, count, t } from './words.js';

const WIDTH = 960;
const HEIGHT = 240;
/** So many times stand below the curve. */
const TIMES = 5;

/** Draws how many gateways were online over a day, from zero on, and how many are expected. */
export function chart(overTime: WallState['overTime'], expected: number): HTMLElement {
  const values = overTime.map(({ online }) => online);
  const marks = marksUpTo(Math.max(expected, ...values));
  const most = marks.at(-1)!;
  const y = (value: number) => HEIGHT - (value / most) * HEIGHT;
  const points = values
    .map((value, place) => `${((place / (values.length - 1)) * WIDTH).toFixed(1)},${y(value).toFixed(1)}`)
    .join(' ');
  const across = (value: number, kind: string) =>
    drawn('line', { class: kind, x1: '0', x2: `${WIDTH}`, y1: `${y(value)}`, y2: `${y(value)}` });
  const scale = element('div', 'scale');
  for (const mark of marks) {
    const label = element('span', '', count(mark));
    label.style.top = `${(100 * y(mark)) / HEIGHT}%`;
    scale.append(label);
  }
  // As wide as the longest mark.
  scale.append(element('span', 'width', count(most)));
  const times = Array.from({ length: TIMES }, (_, place) => {
    const { at } = overTime[Math.round((place * (overTime.length - 1)) / (TIMES - 1))]!;
    return element('span', '', hour(at));
  });
  return element(
    'figure',
    'chart',
    element(
      'figcaption',
      '',
      element('h2', '', t('chart')),
      element('span', 'soft dashed', t('expected', { count: count(expected) })),
    ),
    scale,
    drawn(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        class: 'curve',
        'aria-hidden': 'true',
      },
      ...marks.map((mark) => across(mark, 'grid')),
      drawn('polygon', { points: `0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}` }),
      across(expected, 'due'),
      drawn('polyline', { points }),
    ),
    element('div', 'times', ...times),
  );
}

/** The day is plain from the caption. */
function hour(at: string): string {
  return clock(Date.parse(at)).split(' ').at(-1)!;
}
