import type { FromSchema } from 'json-schema-to-ts';
import { INSTALL_BOUNDS_MS } from '../../commands/time-bounds.js';
import { checkClientId } from '../../protocol/client-id.js';
import { guard } from '../../shared/guard.js';
import { badField } from '../../shared/invalid-input.js';
import { isStorable } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';
import { isPlainObject } from '../../shared/validate.js';
import { recordable } from '../recordable.js';
import type { SoftwarePackage } from '../software-package.js';
import type { InstallationRequest } from './installation.js';

const DEFAULT_TIMEOUT_MS = 3_600_000;

const text = { type: 'string', minLength: 1, maxLength: 2048 } as const;
const textOrNull = { ...text, type: ['string', 'null'] } as const;

const PACKAGES = {
  type: 'array',
  minItems: 1,
  maxItems: 20,
  items: {
    type: 'object',
    properties: {
      category: { enum: ['mil', 'tpe'] },
      packageName: textOrNull,
      displayName: textOrNull,
      version: text,
      minFirmwareVersion: textOrNull,
      size: { type: ['integer', 'null'], minimum: 0 },
      yamlUrl: text,
    },
    required: ['category', 'version', 'yamlUrl'],
  },
} as const;

const compilePackages = () => guard<FromSchema<typeof PACKAGES>>(PACKAGES);
let compiled: ReturnType<typeof compilePackages> | undefined;

export interface CheckedRequest {
  clientid: string;
  packages: SoftwarePackage[];
  requestedBy: string;
  snapshot: boolean | null;
  timeoutMs: number;
  allowCellular: boolean;
  execution: string | null;
}

/** Checks a request and fills in its defaults. Throws INVALID_INPUT if it is not valid. Unknown fields of packages are dropped. */
export function checkRequest(request: InstallationRequest): CheckedRequest {
  checkClientId(request.clientid);
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  const isTime =
    Number.isInteger(timeoutMs) &&
    timeoutMs >= INSTALL_BOUNDS_MS.least &&
    timeoutMs <= INSTALL_BOUNDS_MS.most;
  if (!isTime) {
    const { least, most } = INSTALL_BOUNDS_MS;
    throw badField('timeout', `${least / 1000} to ${most / 1000} seconds, not ${timeoutMs / 1000}`);
  }
  return {
    clientid: request.clientid,
    packages: checkPackages(request.packages),
    requestedBy: recordable(request.requestedBy),
    snapshot: request.snapshot ?? null,
    timeoutMs,
    allowCellular: request.allowCellular ?? true,
    execution: request.execution ?? null,
  };
}

/** Checks packages that may come from anywhere, and fills in what was left out. Throws INVALID_INPUT if they are not valid. */
export function checkPackages(given: unknown): SoftwarePackage[] {
  compiled ??= compilePackages();
  const isPackages = compiled;
  if (!isPackages(given)) {
    const [fault] = isPackages.errors ?? [];
    const place = `packages${(fault?.instancePath ?? '').replaceAll('/', '.')}`;
    throw new TpeError('INVALID_INPUT', `"${place}" ${fault?.message ?? 'is not valid'}.`, { field: place });
  }
  const packages = given.map((one) => ({
    category: one.category,
    packageName: one.packageName ?? one.yamlUrl.split('/').at(-1) ?? one.yamlUrl,
    displayName: one.displayName ?? null,
    version: one.version,
    minFirmwareVersion: one.minFirmwareVersion ?? null,
    size: one.size ?? null,
    yamlUrl: one.yamlUrl,
  }));
  if (!packages.every((one) => Object.values(one).every(isHarmless))) {
    throw badField('packages', 'text that the database can hold, without NUL and broken characters');
  }
  if (new Set(packages.map(({ yamlUrl }) => yamlUrl)).size < packages.length) {
    throw badField('packages', 'a list in which each package comes once');
  }
  return packages;
}

function isHarmless(value: unknown): boolean {
  return typeof value !== 'string' || isStorable(value);
}

/** Checks one package or a list of them, as a scan or a person gives them. Throws INVALID_INPUT, which says where to get packages. */
export function packagesIn(value: unknown): SoftwarePackage[] {
  if (Array.isArray(value) && value.length === 0)
    throw new TpeError(
      'INVALID_INPUT',
      '"packages" is empty: the last scan found nothing newer for this gateway.',
      {
        field: 'packages',
      },
    );
  if (Array.isArray(value)) return checkPackages(value);
  if (isPlainObject(value)) return checkPackages([value]);
  throw new TpeError(
    'INVALID_INPUT',
    '"packages" is missing: give one package or a list of them, or let tpe-update-scan find some first.',
    { field: 'packages' },
  );
}
