import type { Operation } from './catalogue.js';
import data from './operations.json';

/** As operations.json has it: what is left out is false or null. */
type StoredOperation = Pick<
  Operation,
  'id' | 'category' | 'name' | 'method' | 'path' | 'pathParams' | 'idempotent' | 'models'
> & {
  risk: string;
  bodyExample?: unknown;
  responseExample?: unknown;
  mayCutMqtt?: boolean;
  actuates?: boolean;
  refusedBecause?: string;
  query?: Record<string, string>;
  tpedm?: boolean;
};

/** The TPE operations that we know, TPEDM's 57 first. */
export const OPERATIONS: readonly Operation[] = (data as StoredOperation[]).map((stored) => ({
  ...stored,
  risk: stored.risk as Operation['risk'],
  bodyExample: stored.bodyExample ?? null,
  responseExample: stored.responseExample ?? null,
  mayCutMqtt: stored.mayCutMqtt ?? false,
  actuates: stored.actuates ?? false,
  refusedBecause: stored.refusedBecause ?? null,
  tpedm: stored.tpedm ?? false,
  query: stored.query ?? {},
}));
