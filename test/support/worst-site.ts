import { DAYS } from '../../nodes/manager/sites/site-bounds.js';

/** What takes longest to work out: many windows each day, none of them now, and many freezes. */
export const WORST_SITE = {
  zone: 'America/St_Johns',
  windows: Array.from({ length: 10 }, (_, no) => ({
    days: [...DAYS],
    from: `${String(2 * no).padStart(2, '0')}:00`,
    to: `${String(2 * no).padStart(2, '0')}:01`,
  })),
  freezes: Array.from({ length: 20 }, (_, no) => ({
    from: `2020-01-${String(no + 1).padStart(2, '0')}`,
    to: '2099-12-31',
    reason: 'r'.repeat(200),
  })),
  contact: 'c'.repeat(500),
};
