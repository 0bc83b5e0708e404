import { reactive, watch } from 'vue';
import type { GatewayRow } from '../../../api/gateway-row.js';

/** The columns that the person can hide. */
export const COLUMNS = [
  'since',
  'reason',
  'site',
  'tags',
  'ipAddress',
  'modelName',
  'hostName',
  'serialNumber',
  'tpeVersion',
  'firmwareVersion',
  'biosVersion',
  'redundancy',
] as const satisfies (keyof GatewayRow)[];
export type Column = (typeof COLUMNS)[number];

/** How many rows a page may have. */
export const ROWS = [25, 100, 250] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;

/** How the person likes the table. It is remembered in the browser and is no part of an address, since others like it otherwise. */
export interface TableSettings {
  hidden: Column[];
  rows: (typeof ROWS)[number];
  density: (typeof DENSITIES)[number];
}

const HIDDEN_AS = 'tpedm-gateways-hidden';
const ROWS_AS = 'tpedm-gateways-rows';
const DENSITY_AS = 'tpedm-gateways-density';
/** So that the others have room on a screen of 1280. */
const HIDDEN_AT_FIRST: readonly Column[] = ['hostName', 'serialNumber', 'biosVersion', 'redundancy'];
/** The columns that are newer than the first form in which hidden ones were stored, by themselves. */
const NEWER: readonly Column[] = ['redundancy', 'reason', 'ipAddress'];
let known: TableSettings | null = null;

/** The settings of this browser, the same object for every table. */
export function tableSettings(): TableSettings {
  if (known !== null) return known;
  const settings = reactive<TableSettings>({
    hidden: storedColumns(),
    rows: ROWS.find((one) => String(one) === localStorage.getItem(ROWS_AS)) ?? 25,
    density: DENSITIES.find((one) => one === localStorage.getItem(DENSITY_AS)) ?? 'comfortable',
  });
  watch(settings, ({ hidden, rows, density }) => {
    localStorage.setItem(HIDDEN_AS, JSON.stringify(shownBy(hidden)));
    localStorage.setItem(ROWS_AS, String(rows));
    localStorage.setItem(DENSITY_AS, density);
  });
  known = settings;
  return settings;
}

/** Whether each column is shown, so that one that a later version adds is known to be new. */
function shownBy(hidden: readonly Column[]): Record<string, boolean> {
  return Object.fromEntries(COLUMNS.map((column) => [column, !hidden.includes(column)]));
}

function storedColumns(): Column[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(HIDDEN_AS) ?? 'null');
    if (Array.isArray(stored)) {
      return COLUMNS.filter((one) => (NEWER.includes(one) ? HIDDEN_AT_FIRST : stored).includes(one));
    }
    if (typeof stored === 'object' && stored !== null) {
      const shown = stored as Partial<ReturnType<typeof shownBy>>;
      return COLUMNS.filter((one) => !(shown[one] ?? !HIDDEN_AT_FIRST.includes(one)));
    }
  } catch {
    // The stored text is broken, so the defaults apply.
  }
  return [...HIDDEN_AT_FIRST];
}
