import type { PersonalToken } from '../../manager/accounts/personal-token.js';
import type { BrokerClient } from '../../manager/broker/broker.js';
import type { OperationRow, OperationsFile } from '../../manager/catalogue/catalogue.js';
import type { ImportReport as OperationImport } from '../../manager/catalogue/import/import-report.js';
import type { Operation } from '../../manager/catalogue/operation.js';
import type { CommandRecord } from '../../manager/commands/command.js';
import type { Credential } from '../../manager/registry/device.js';
import type { Installation } from '../../manager/updates/install/installation.js';
import type { DeviceUpdate, ScanProgress } from '../../manager/updates/scan/updates.js';
import type { SoftwarePackage } from '../../manager/updates/software-package.js';
import { listedCommand } from '../listed-command.js';
import type { DeviceRow } from './device-row.js';

// One story for the whole document: a gateway of plant 1 is registered, asked, scanned and updated.

export const CLIENT_ID = 'TBZKB1090001';
const SHOWN_ONCE = 'Shown-here-and-never-again';

export const GATEWAY: DeviceRow = {
  clientid: CLIENT_ID,
  connection_status: true,
  model_name: 'UC-8220-T-LX',
  serial_number: CLIENT_ID,
  host_name: 'pump-station-1',
  tpe_version: '2.3.0-3571',
  firmware_version: '1.5',
  bios_version: '1.1.0',
  created_at: 1_764_000_000,
  profile_updated_at: 1_764_450_000,
  connection_status_updated_at: 1_764_450_000,
  username: CLIENT_ID,
  enabled: true,
  status: 'online',
  status_reason: 'connected from 10.1.2.3',
  status_cause: { code: 'connected-from', params: { address: '10.1.2.3' } },
  status_source: 'broker',
  status_warning: null,
  status_warning_cause: null,
  ip_address: '10.1.2.3',
  site: 'Plant 1',
  note: '',
  tags: ['north'],
  redundancy: 'pump-station-1',
};

export const LOGIN = { clientid: CLIENT_ID, username: CLIENT_ID, password: SHOWN_ONCE };

export const CREDENTIAL_MADE: Credential = { ...LOGIN, generated: true };

export const CONNECTION: BrokerClient = {
  clientid: CLIENT_ID,
  username: CLIENT_ID,
  connected: true,
  connectedAt: 1_764_450_000_000,
  ipAddress: '10.1.2.3',
  port: 51_234,
  protocolVersion: 4,
  keepalive: 60,
  cleanStart: true,
  node: 'emqx@10.0.0.5',
};

export const GATEWAY_IMPORT = {
  total: 3,
  registered: 2,
  credentials: [CREDENTIAL_MADE],
  faults: [
    {
      line: 4,
      clientid: 'TBZKB1090002',
      reason: 'The client id "TBZKB1090002" is registered already.',
      cause: { code: 'client-id-registered', params: { clientid: 'TBZKB1090002' } },
    },
  ],
  faultCount: 1,
  notes: [],
  noteCount: 0,
  format: 'csv',
  encoding: { name: 'utf-8', isSure: true, others: [] },
};

export const COMMAND: CommandRecord = {
  requestId: '1764452291000001',
  clientid: CLIENT_ID,
  operation: 'get-device-general-get-device-general',
  method: 'GET',
  path: '/device/general',
  requestBody: {},
  state: 'SUCCEEDED',
  reason: null,
  cause: null,
  reasonCode: null,
  whenOffline: 'fail',
  whenGuarded: 'fail',
  timeoutMs: 60_000,
  requestedBy: 'REST',
  instance: 'plant-1/tpe-server-main',
  createdAt: '2025-11-29T21:38:11.000Z',
  expiresAt: '2025-11-29T22:38:11.000Z',
  sentAt: '2025-11-29T21:38:11.004Z',
  endedAt: '2025-11-29T21:38:11.311Z',
  latencyMs: 307,
  answer: { status: 200, payload: { data: { hostName: 'pump-station-1', thingsproVersion: '2.3.0-3571' } } },
  faults: [],
  risk: 'read',
  classes: [],
  job: null,
};

export const COMMAND_LISTED = listedCommand(COMMAND, { get: () => null });

export const OPERATION_LISTED: OperationRow = {
  id: 1,
  categoryid: 1,
  name: 'GET /device/general',
  command: '{"path":"/device/general","method":"GET","requestBody":{}}',
  operation: 'get-device-general-get-device-general',
};

const OWN = {
  id: 'post-pumps-restart',
  category: 'Pumps',
  name: 'Restart a pump',
  method: 'POST',
  path: '/pumps/{id}/restart',
  parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
  query: {},
  bodySchema: { type: 'object', properties: { delaySeconds: { type: 'integer', minimum: 0 } } },
  bodyExample: { delaySeconds: 10 },
  answerSchema: null,
  answerExample: null,
  risk: 'write',
  classes: ['moves-equipment'],
  idempotent: false,
  restarts: false,
  mayCutMqtt: false,
  actuates: true,
  models: [],
} satisfies OperationsFile['operations'][number];

export const OWN_OPERATION: Operation = { ...OWN, refusedBecause: null, tpedm: false, source: 'own' };

export const OPERATIONS: OperationsFile = { format: 'tpe-operations', version: 1, operations: [OWN] };

export const OPERATIONS_IMPORTED: OperationImport = {
  format: 'operations',
  added: [OWN.id],
  changed: [],
  same: [],
  refused: [],
  operations: [
    {
      ...{ id: OWN.id, name: OWN.name, method: OWN.method, path: OWN.path },
      place: '/operations/0',
      outcome: 'added',
      notes: [],
    },
  ],
  prefix: null,
  notes: [],
};

const PACKAGE: SoftwarePackage = {
  category: 'tpe',
  packageName: 'tpe_2.4.0-4043_armhf',
  displayName: 'ThingsPro Edge 2.4.0',
  version: '2.4.0-4043',
  minFirmwareVersion: '1.5',
  size: 341_000_000,
  yamlUrl: 'https://packages.example.com/package_2.4.0-4043-tpe_armhf.yaml',
};

export const SCAN: ScanProgress = {
  id: '7',
  state: 'RUNNING',
  total: 120,
  done: 40,
  found: 12,
  failed: 0,
  faults: {},
  unseen: 0,
  faultCauses: {},
  reason: null,
  cause: null,
  requestedBy: 'REST',
  startedAt: '2025-11-29T22:00:00.000Z',
  endedAt: null,
};

export const UPDATE: DeviceUpdate = {
  clientid: CLIENT_ID,
  modelName: 'UC-8220-T-LX',
  firmwareVersion: '1.5',
  tpeVersion: '2.3.0-3571',
  recommended: PACKAGE,
  path: [PACKAGE],
  candidates: [
    {
      ...{ package: PACKAGE, fits: true, reason: 'recommended' },
      cause: { code: 'package-recommended', params: {} },
    },
  ],
  scannedAt: '2025-11-29T22:00:04.000Z',
};

export const INSTALLATION_RUNNING: Installation = {
  id: '12',
  clientid: CLIENT_ID,
  packages: [PACKAGE],
  state: 'IN_PROGRESS',
  reason: null,
  cause: null,
  reasonCode: null,
  package: 0,
  step: 'download',
  progress: 35,
  steps: [
    {
      ...{ package: 0, name: 'precheck', detail: null, cause: null, progress: 100 },
      startedAt: '2025-11-29T22:10:00.000Z',
      endedAt: '2025-11-29T22:10:02.000Z',
    },
    {
      ...{ package: 0, name: 'download', detail: null, cause: null, progress: 35 },
      startedAt: '2025-11-29T22:10:02.000Z',
      endedAt: null,
    },
  ],
  before: { tpeVersion: '2.3.0-3571', firmwareVersion: '1.5' },
  after: { tpeVersion: '2.3.0-3571', firmwareVersion: '1.5' },
  snapshot: true,
  allowCellular: false,
  timeoutMs: 7_200_000,
  requestedBy: 'REST',
  cancelRequestedBy: null,
  instance: 'plant-1/tpe-server-main',
  createdAt: '2025-11-29T22:10:00.000Z',
  startedAt: '2025-11-29T22:10:00.000Z',
  updatedAt: '2025-11-29T22:12:30.000Z',
  endedAt: null,
  job: '42',
};

export const TOKEN: PersonalToken = {
  id: '3',
  owner: { id: '1', name: 'ada' },
  name: 'Backup script',
  scope: 'rest',
  role: 'viewer',
  roleNow: 'viewer',
  createdAt: '2025-11-29T21:00:00.000Z',
  expiresAt: '2026-02-27T21:00:00.000Z',
  lastUsedAt: null,
};

export const TOKEN_MADE = { ...TOKEN, token: SHOWN_ONCE };
