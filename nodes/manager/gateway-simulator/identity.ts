/** Who a virtual gateway is; the same for the same number, also after a restart. */
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
  /** `aig-302`: a newer API with another profile and other upgrades. */
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
const SITES = ['North plant', 'South plant', 'Water works'];

/** The first so many virtual gateways. */
export function virtualIdentities(count: number): GatewayIdentity[] {
  return Array.from({ length: count }, (_, index) => identityOf(index + 1));
}

function identityOf(number: number): GatewayIdentity {
  const model = MODELS[(number - 1) % MODELS.length]!;
  const place = PLACES[(number - 1) % PLACES.length]!;
  const digits = String(number).padStart(4, '0');
  return {
    ...model,
    clientid: `virtual-${digits}`,
    hostName: `${place.toLowerCase().replace(' ', '-')}-${digits}`,
    serialNumber: `TBZKB${String(1_000_000 + number)}`,
    description: `${place} (virtual)`,
    site: SITES[(number - 1) % SITES.length]!,
  };
}
