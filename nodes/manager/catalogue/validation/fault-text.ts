import type { ErrorObject } from 'ajv';
import { type Reason, wordsOfOthers } from '../../shared/reason.js';
import { faultReason } from './fault-reasons.js';

const TYPES: Readonly<Record<string, Reason>> = {
  string: faultReason('type-text'),
  number: faultReason('type-number'),
  integer: faultReason('type-whole-number'),
  boolean: faultReason('type-boolean'),
  object: faultReason('type-object'),
  array: faultReason('type-list'),
  null: faultReason('type-null'),
};

const FORMATS: Readonly<Record<string, Reason>> = {
  ipv4: faultReason('format-ipv4'),
  ipv6: faultReason('format-ipv6'),
  hostname: faultReason('format-hostname'),
  email: faultReason('format-email'),
  uri: faultReason('format-uri'),
  date: faultReason('format-date'),
  'date-time': faultReason('format-date-time'),
  time: faultReason('format-time'),
  uuid: faultReason('format-uuid'),
  'package-url': faultReason('format-package-url'),
  'package-image': faultReason('format-package-image'),
  'python-package': faultReason('format-python-package'),
  'debian-package': faultReason('format-debian-package'),
};

const MAX_CHOICES = 20;

/**
 * A fault in words for a person, such as `requestBody/ip must be an IPv4 address such as 192.0.2.10, not "abc" (format)`.
 * `value` is what may be shown of the value; undefined: nothing.
 */
export function faultText(place: string, error: ErrorObject, value: unknown): string {
  const not = value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  const title =
    error.keyword === 'required'
      ? named(schemaOf(error.parentSchema, String(error.params.missingProperty))?.title)
      : '';
  return `${place} ${ruleOf(error).text}${title}${not} (${error.keyword})`;
}

/** What the value must be, without its place: for who shows it beside the value, in any language. */
export function ruleOf({ keyword, params, schema, parentSchema, message }: ErrorObject): Reason {
  switch (keyword) {
    case 'required':
      return faultReason('fault-missing');
    case 'additionalProperties':
      return faultReason('fault-not-known');
    case 'type':
      return faultReason('fault-type', { type: oneOf([params.type].flat().map(typeOf)) });
    case 'enum':
      return choices(params.allowedValues);
    case 'const':
      return faultReason('fault-only', { value: JSON.stringify(params.allowedValue) });
    case 'format':
      return faultReason('fault-format', {
        format: FORMATS[params.format] ?? faultReason('format-other', { format: String(params.format) }),
      });
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return range(parentSchema, keyword, String(schema));
    case 'minLength':
      return params.limit === 1
        ? faultReason('fault-empty')
        : faultReason('fault-too-short', { count: params.limit });
    case 'maxLength':
      return faultReason('fault-too-long', { count: params.limit });
    case 'minItems':
      return params.limit === 1
        ? faultReason('fault-no-entry')
        : faultReason('fault-too-few', { count: params.limit });
    case 'maxItems':
      return params.limit === 1
        ? faultReason('fault-second-entry')
        : faultReason('fault-too-many', { count: params.limit });
    case 'uniqueItems':
      return faultReason('fault-twice', { one: params.j, other: params.i });
    case 'pattern':
      return typeof parentSchema?.patternTitle === 'string'
        ? faultReason('fault-pattern-named', { what: parentSchema.patternTitle })
        : faultReason('fault-pattern', { pattern: String(params.pattern) });
    case 'oneOf':
      return faultReason('fault-both-forms');
    default:
      return wordsOfOthers(message ?? 'is not valid');
  }
}

function typeOf(type: string): Reason {
  return TYPES[type] ?? wordsOfOthers(type);
}

function oneOf(reasons: readonly Reason[]): Reason {
  return reasons.reduce((one, other) => faultReason('type-or', { one, other }));
}

function named(title: unknown): string {
  return typeof title === 'string' ? ` ("${title}")` : '';
}

function schemaOf(parent: unknown, name: string): { title?: unknown } | undefined {
  const { properties } = (parent ?? {}) as { properties?: Record<string, { title?: unknown }> };
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function choices(allowed: readonly unknown[]): Reason {
  const some = allowed
    .slice(0, MAX_CHOICES)
    .map((value) => JSON.stringify(value))
    .join(', ');
  const more = allowed.length - MAX_CHOICES;
  return more > 0
    ? faultReason('fault-choice-more', { choices: some, more })
    : faultReason('fault-choice', { choices: some });
}

/** Names both ends of a range if there are two, so that a person who corrects one does not violate the other. */
function range(parent: Record<string, unknown> | undefined, keyword: string, limit: string): Reason {
  const { minimum, maximum } = parent ?? {};
  const unit = typeof parent?.unit === 'string' ? ` ${parent.unit}` : '';
  if (typeof minimum === 'number' && typeof maximum === 'number') {
    return faultReason('fault-from-to', { least: minimum, most: maximum, unit });
  }
  if (keyword === 'minimum') return faultReason('fault-at-least', { limit, unit });
  if (keyword === 'maximum') return faultReason('fault-at-most', { limit, unit });
  return keyword === 'exclusiveMinimum'
    ? faultReason('fault-more-than', { limit, unit })
    : faultReason('fault-less-than', { limit, unit });
}
