import { isClientId } from '../protocol/client-id.js';
import { TpeError } from '../shared/tpe-error.js';
import { hashOf } from './wire.js';

/** The identity of a virtual gateway. It follows from names and number, so it stays the same after a restart. */
export interface GatewayIdentity {
  clientid: string;
  hostName: string;
  modelName: string;
  serialNumber: string;
  tpeVersion: string;
  firmwareVersion: string;
  biosVersion: string | null;
  description: string;
  site: string;
  /** `aig-302` is a newer API with another profile and another way of upgrading. */
  api: 'tpe' | 'aig-302';
}

type Model = Pick<GatewayIdentity, 'modelName' | 'tpeVersion' | 'firmwareVersion' | 'biosVersion' | 'api'>;

const MODELS: readonly Model[] = [
  {
    modelName: 'UC-8112A-ME-T-LX-EU',
    tpeVersion: '2.2.1-3369',
    firmwareVersion: '1.3',
    biosVersion: '1.0.0S06',
    api: 'tpe',
  },
  {
    modelName: 'UC-8220-T-LX-EU-S',
    tpeVersion: '2.3.0-3571',
    firmwareVersion: '1.5',
    biosVersion: '1.1.0S02',
    api: 'tpe',
  },
  {
    modelName: 'AIG-301-T-AU-AZU-LX',
    tpeVersion: '2.4.0-4020',
    firmwareVersion: '1.5.0',
    biosVersion: '1.0.0S01',
    api: 'tpe',
  },
  {
    modelName: 'AIG-501-T-AU-AZU-LX',
    tpeVersion: '2.5.0-4404',
    firmwareVersion: '1.4.0',
    biosVersion: '1.2.0S01',
    api: 'tpe',
  },
  {
    modelName: 'UC-3111-T-EU-LX',
    tpeVersion: '2.2.0-3366',
    firmwareVersion: 'v1.4',
    biosVersion: null,
    api: 'tpe',
  },
  {
    modelName: 'AIG-301-T-EU-AZU-LX',
    tpeVersion: '2.5.1-4424',
    firmwareVersion: '1.7.0',
    biosVersion: '1.0.0S01',
    api: 'tpe',
  },
  {
    modelName: 'UC-2112-LX',
    tpeVersion: '2.2.1-3381',
    firmwareVersion: '1.12',
    biosVersion: '1.0.0S02',
    api: 'tpe',
  },
  {
    modelName: 'AIG-302-T-EU-LX',
    tpeVersion: '1.2.0',
    firmwareVersion: '1.4.0',
    biosVersion: null,
    api: 'aig-302',
  },
];

const PLACES = ['Pump house', 'Boiler room', 'Compressor', 'Substation', 'Cooling tower', 'Packing line'];
const MAX_OF_NAME = 60;
const SITES = ['North plant', 'South plant', 'Water works'];

/** The default beginning of client ids, as in `virtual-0001`. */
export const DEFAULT_NAMES = 'virtual';

/**
 * Returns the first `count` virtual gateways whose client ids begin with `names`. Throws INVALID_INPUT where that makes no valid
 * client ids.
 */
export function virtualIdentities(count: number, names = DEFAULT_NAMES): GatewayIdentity[] {
  if (!isClientId(`${names}-${count}`) || names.length > MAX_OF_NAME) {
    throw new TpeError(
      'INVALID_INPUT',
      `"names" must be what client ids can begin with, at most ${MAX_OF_NAME} characters, not "${names}".`,
      { field: 'names' },
    );
  }
  return Array.from({ length: count }, (_, index) => identityOf(index + 1, names));
}

function identityOf(number: number, names: string): GatewayIdentity {
  const model = MODELS[(number - 1) % MODELS.length]!;
  const place = PLACES[(number - 1) % PLACES.length]!;
  const digits = String(number).padStart(4, '0');
  return {
    ...model,
    clientid: `${names}-${digits}`,
    hostName: `${place.toLowerCase().replace(' ', '-')}-${digits}`,
    serialNumber: `TBZKB${serialsOf(names) + number}`,
    description: `${place} (virtual)`,
    site: SITES[(number - 1) % SITES.length]!,
  };
}

/** The number to which the number of a gateway is added, so that gateways of other names have other serial numbers. */
function serialsOf(names: string): number {
  return names === DEFAULT_NAMES ? 1_000_000 : 10_000 * (101 + (hashOf(names) % 899));
}
