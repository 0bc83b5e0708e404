import type { Reason } from '../shared/reason.js';
import { TpeError } from '../shared/tpe-error.js';
import { catalogueReason } from './catalogue-reasons.js';
import type { JsonSchema, Operation } from './operation.js';
import { TPE_OPERATIONS } from './operation-set.js';
import { type PackageUrlRule, packageUrlRule } from './package-url.js';
import { isPythonPackage, registryOf, SOFTWARE_FORMATS, type SoftwareFormat } from './software-formats.js';
import { pathReadings } from './validation/path-readings.js';
import { subschemas } from './validation/subschemas.js';
import { withoutCase } from './without-case.js';

// The catalogue marks the fields that tell a gateway where to load software from, by the format in their schema. This file
// enforces the allowed hosts for all commands, however somebody spells the path or the name of the field.

/** The registry of Azure's own images. */
const VENDOR_REGISTRIES = ['mcr.microsoft.com'];
/** Finds a URL also behind other text, since pip accepts `name @ https://...`. */
const LOOKS_LIKE_URL = /:\s*[\\/]{2}|^\s*[\\/]{2}/;

/** A field that says where software comes from, by its name and the name of the field above it. */
interface SourceField {
  name: string;
  /** The name of the field or list that must be above it; null: it counts anywhere. */
  within: string | null;
  format: SoftwareFormat;
}

/** A place of the API below which bodies have such fields. */
interface SourcePlace {
  /** The levels of its path up to the first placeholder. */
  levels: string[];
  fields: SourceField[];
}

/** Enforces from which hosts gateways may load software. */
export interface SoftwareSources {
  packageUrl: PackageUrlRule;
  /**
   * Checks a request and returns the body to send in its place, in which URLs are as our parser writes them. Throws FORBIDDEN,
   * naming the field and what to do, if the request tells the gateway to load from a host that is not allowed.
   */
  check(
    request: { method: string; path: string; requestBody: unknown },
    operation: Operation | null,
  ): unknown;
}

const known = new WeakMap<Operation, SourcePlace[]>();
const PLACES: readonly SourcePlace[] = TPE_OPERATIONS.operations().flatMap(placeOf);

/**
 * Creates the check of software sources. `repositoryUrl` and `hosts` are as in packageUrlRule; the hosts are allowed for images
 * and Python packages too.
 */
export function createSoftwareSources(
  repositoryUrl: string | null,
  hosts: readonly string[],
): SoftwareSources {
  const packageUrl = packageUrlRule(repositoryUrl, hosts);
  const registries = new Set([...VENDOR_REGISTRIES, ...hosts].map((host) => host.toLowerCase()));

  const readers: Record<SoftwareFormat, (given: unknown) => { value: unknown } | { fault: Reason | string }> =
    {
      'package-url': (given) => {
        const read = packageUrl(given);
        return 'url' in read ? { value: read.url } : read;
      },
      'package-image': (given) => {
        const host = typeof given === 'string' ? registryOf(given) : null;
        if (host === null) return { fault: catalogueReason('image-without-registry') };
        if (registries.has(host)) return { value: given };
        return { fault: catalogueReason('registry-not-allowed', { host }) };
      },
      'python-package': (given) => {
        if (typeof given === 'string' && isPythonPackage(given)) return { value: given };
        const read = packageUrl(given);
        if ('url' in read) return { value: read.url };
        const isUrl = typeof given === 'string' && LOOKS_LIKE_URL.test(given);
        return { fault: isUrl ? read.fault : catalogueReason('no-python-package') };
      },
      'debian-package': (given) =>
        typeof given === 'string' && SOFTWARE_FORMATS['debian-package'](given)
          ? { value: given }
          : { fault: catalogueReason('no-debian-package') },
    };

  function checkBody(body: unknown, fields: readonly SourceField[]): unknown {
    const hasUrls = fields.some(({ format }) => format === 'package-url');

    function read(value: unknown, format: SoftwareFormat, at: string): unknown {
      // Some fields, such as `pip`, have a list of values.
      if (Array.isArray(value)) return value.map((one, index) => read(one, format, `${at}/${index}`));
      const result = readers[format](value);
      if ('value' in result) return result.value;
      const source = typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : `a ${typeof value}`;
      throw forbidden(catalogueReason('source-refused', { source, place: at, fault: result.fault }));
    }

    function walk(value: unknown, above: readonly string[], at: string): unknown {
      if (typeof value === 'string') {
        return hasUrls && LOOKS_LIKE_URL.test(value) ? read(value, 'package-url', at) : value;
      }
      if (Array.isArray(value)) return value.map((one, index) => walk(one, above, `${at}/${index}`));
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => {
          const name = withoutCase(key);
          const place = `${at}/${key.slice(0, 60)}`;
          if (hasUrls && name === 'insecure' && one !== false && one !== null) throw insecure(place);
          const field = fields.find(
            (each) => each.name === name && (each.within === null || above.includes(each.within)),
          );
          return [
            key,
            field === undefined ? walk(one, [...above, name], place) : read(one, field.format, place),
          ];
        }),
      );
    }

    return walk(body, [], 'requestBody');
  }

  return {
    packageUrl,
    check({ method, path, requestBody }, operation) {
      if (method === 'GET') return requestBody;
      const fields = [
        ...fieldsAt(path),
        ...(operation === null ? [] : (placeOf(operation)[0]?.fields ?? [])),
      ];
      if (fields.length === 0) return requestBody;
      refuseInQuery(path, fields);
      return checkBody(requestBody, fields);
    },
  };
}

/** The source fields of the operations at a path or above it, for each way in which a server could read the path. */
function fieldsAt(path: string): SourceField[] {
  const readings = pathReadings(path) ?? [];
  const places = PLACES.filter(({ levels }) =>
    readings.some((reading) => levels.every((level, index) => reading[index] === level)),
  );
  return places.flatMap(({ fields }) => fields);
}

/** Refuses sources in the query: only the body is checked, so a gateway must not find one elsewhere. */
function refuseInQuery(path: string, fields: readonly SourceField[]): void {
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : '';
  for (const [key, value] of new URLSearchParams(query.replaceAll(';', '&'))) {
    const isField = fields.some(({ name, within }) => within === null && name === withoutCase(key));
    if (isField || withoutCase(key) === 'insecure' || LOOKS_LIKE_URL.test(value)) {
      throw forbidden(catalogueReason('source-in-query', { field: key.slice(0, 60) }));
    }
  }
}

function placeOf(operation: Operation): SourcePlace[] {
  const found = known.get(operation);
  if (found !== undefined) return found;
  const fields = operation.bodySchema === null ? [] : [...fieldsIn(operation.bodySchema, [])];
  const levels = operation.path.split('/').filter((level) => level !== '');
  const end = levels.findIndex((level) => level.includes('{'));
  const place = { levels: end < 0 ? levels : levels.slice(0, end), fields };
  const places = fields.length === 0 ? [] : [place];
  known.set(operation, places);
  return places;
}

function* fieldsIn(schema: JsonSchema, names: readonly string[]): Generator<SourceField> {
  const { format } = schema;
  const name = names.at(-1);
  if (isSoftwareFormat(format) && name !== undefined) yield { name, within: names.at(-2) ?? null, format };
  for (const [[keyword, key = ''], inner] of subschemas(schema)) {
    yield* fieldsIn(inner, keyword === 'properties' ? [...names, withoutCase(key)] : names);
  }
}

function isSoftwareFormat(format: unknown): format is SoftwareFormat {
  return typeof format === 'string' && Object.hasOwn(SOFTWARE_FORMATS, format);
}

function insecure(place: string): TpeError {
  return forbidden(catalogueReason('source-insecure', { place }));
}

function forbidden(reason: Reason): TpeError {
  return new TpeError('FORBIDDEN', reason, { field: 'requestBody' });
}
