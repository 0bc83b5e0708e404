import type { ErrorObject } from 'ajv';

const TYPES: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const FORMATS: Record<string, string> = {
  ipv4: 'an IPv4 address such as 192.0.2.10',
  ipv6: 'an IPv6 address such as 2001:db8::1',
  hostname: 'a host name such as gw-1.example.com',
  email: 'an e-mail address',
  uri: 'a URL such as https://example.com/file',
  date: 'a date such as 2026-01-31',
  'date-time': 'a time such as 2026-01-31T12:00:00Z',
  time: 'a time of day such as 12:00:00Z',
  uuid: 'a UUID',
  'package-url':
    'a URL such as https://packages.example.com/package.yaml, in plain characters and without a login',
  'package-image': 'an image with its registry, such as registry.example.com/name:1.0',
  'python-package': 'the name of a Python package, such as requests==2.32.3',
  'debian-package': 'the name or version of a Debian package',
};

const MAX_CHOICES = 20;

/**
 * A fault in words for a person, such as `requestBody/ip must be an IPv4 address such as 192.0.2.10, not "abc" (format)`.
 * `value` is what may be shown of the value; undefined: nothing.
 */
export function faultText(place: string, error: ErrorObject, value: unknown): string {
  const not = value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  return `${place} ${ruleText(error)}${not} (${error.keyword})`;
}

function ruleText({ keyword, params, schema, parentSchema, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return `is missing${named(schemaOf(parentSchema, String(params.missingProperty))?.title)}`;
    case 'additionalProperties':
      return 'is not known here';
    case 'type':
      return `must be ${[params.type].flat().map(typeText).join(' or ')}`;
    case 'enum':
      return `must be one of ${choices(params.allowedValues)}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'format':
      return `must be ${FORMATS[params.format] ?? `of the format ${params.format}`}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `must be ${range(parentSchema, String(keyword), schema)}${unit(parentSchema)}`;
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : `must have ${params.limit} characters at least`;
    case 'maxLength':
      return `must have ${params.limit} characters at most`;
    case 'minItems':
      return `must have ${params.limit} ${params.limit === 1 ? 'entry' : 'entries'} at least`;
    case 'maxItems':
      return `must have ${params.limit} ${params.limit === 1 ? 'entry' : 'entries'} at most`;
    case 'uniqueItems':
      return `must not have the same entry twice (${params.j} and ${params.i})`;
    case 'pattern':
      return typeof parentSchema?.patternTitle === 'string'
        ? `must be ${parentSchema.patternTitle}`
        : `must match the pattern ${params.pattern}`;
    case 'oneOf':
      return 'fits more than one of its forms: leave out what belongs to the other one';
    default:
      return message ?? 'is not valid';
  }
}

function typeText(type: string): string {
  return TYPES[type] ?? type;
}

function named(title: unknown): string {
  return typeof title === 'string' ? ` ("${title}")` : '';
}

function schemaOf(parent: unknown, name: string): { title?: unknown } | undefined {
  const { properties } = (parent ?? {}) as { properties?: Record<string, { title?: unknown }> };
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function choices(allowed: readonly unknown[]): string {
  const some = allowed.slice(0, MAX_CHOICES).map((value) => JSON.stringify(value));
  return allowed.length > MAX_CHOICES
    ? `${some.join(', ')}, and ${allowed.length - MAX_CHOICES} more`
    : some.join(', ');
}

/** Names both ends of a range if there are two, so that a person who corrects one does not violate the other. */
function range(parent: Record<string, unknown> | undefined, keyword: string, limit: unknown): string {
  const { minimum, maximum } = parent ?? {};
  if (typeof minimum === 'number' && typeof maximum === 'number') return `from ${minimum} to ${maximum}`;
  if (keyword === 'minimum') return `${limit} or more`;
  if (keyword === 'maximum') return `${limit} or less`;
  return keyword === 'exclusiveMinimum' ? `more than ${limit}` : `less than ${limit}`;
}

function unit(parent: Record<string, unknown> | undefined): string {
  return typeof parent?.unit === 'string' ? ` ${parent.unit}` : '';
}
