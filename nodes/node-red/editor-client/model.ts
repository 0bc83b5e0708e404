import type { Risk, RiskClass } from '../../manager/catalogue/risk.ts';
import { hasPlaceholders } from '../../manager/jobs/definition/placeholders.ts';
import type { Fault } from '../../manager/shared/fault.ts';
import { escaped } from '../../manager/shared/json-pointer.ts';

export type JsonSchema = { [keyword: string]: unknown };

/** An operation in the list. Optional properties apply to few operations. */
export interface ShortOperation {
  id: string;
  category: string;
  name: string;
  method: string;
  path: string;
  risk: Risk;
  classes?: RiskClass[];
  refusedBecause?: string;
  source?: 'own';
}

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
}

export interface Operation extends Omit<ShortOperation, 'classes' | 'refusedBecause' | 'source'> {
  classes: RiskClass[];
  refusedBecause: string | null;
  source: 'tpe' | 'own';
  parameters: Parameter[];
  query: Record<string, string>;
  bodySchema: JsonSchema | null;
  bodyExample: unknown;
  models: string[];
}

/** A value of a parameter as the node stores it. */
export interface ParamValue {
  name: string;
  type: string;
  value: string;
}

export interface CommandRecord {
  requestId: string;
  state: string;
  reason: string | null;
  latencyMs: number | null;
  answer: { status: number; payload: unknown } | null;
  faults: Fault[];
}

/** The types of a typed input whose value is read when a message arrives. */
export const SOURCES = ['msg', 'flow', 'global', 'env', 'jsonata'] as const;

/** Whether a value in a body is a placeholder, which the runtime replaces when a message arrives. */
export function isReference(value: unknown): value is { $from: string; value: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { $from, value: of, ...more } = value as Record<string, unknown>;
  return typeof $from === 'string' && typeof of === 'string' && Object.keys(more).length === 0;
}

/** JSON Pointers of all texts in `value`, which is at `place`, that a job fills for each gateway: `/requestBody/port`. */
export function filledPlaces(value: unknown, place: string): string[] {
  if (typeof value === 'string') return hasPlaceholders(value) ? [place] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => filledPlaces(inner, `${place}/${escaped(name)}`));
}

/** Whether the value is an object, and neither an array nor null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON Pointers of all placeholders in `value`, which is at `place`: `/requestBody/ip`. */
export function unknownPlaces(value: unknown, place: string): string[] {
  if (isReference(value)) return [place];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => unknownPlaces(inner, `${place}/${escaped(name)}`));
}
