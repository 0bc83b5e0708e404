import { EventEmitter } from 'node:events';
import { Registry as MetricsRegistry } from 'prom-client';
import type { Broker } from '../../nodes/manager/broker/broker.js';
import { readOwnOperation } from '../../nodes/manager/catalogue/custom-operation.js';
import { TPE_OPERATIONS } from '../../nodes/manager/catalogue/operation-set.js';
import type { CommandRecord, CommandRequest } from '../../nodes/manager/commands/command.js';
import type { DeviceManager, ManagerEvents, ManagerHealth } from '../../nodes/manager/device-manager.js';
import type { Device } from '../../nodes/manager/registry/device.js';
import type { DeviceFilter } from '../../nodes/manager/registry/device-filter.js';
import type { Registry } from '../../nodes/manager/registry/registry.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import type { Installation, InstallationRequest } from '../../nodes/manager/updates/install/installation.js';
import type { ScanProgress } from '../../nodes/manager/updates/scan/updates.js';
import type { WellResult } from '../../nodes/manager/well/well.js';

export interface FakeManager extends DeviceManager {
  /** What was called, in order. */
  calls: { name: string; args: unknown[] }[];
  /** Commands that nobody has ended yet. */
  open: { request: CommandRequest; end(change: Partial<CommandRecord>): void }[];
  /** Calls back with each command as it is sent. */
  onSend(listener: (command: FakeManager['open'][number]) => void): void;
  setHealth(change: { database?: string; broker?: string }): void;
  closed: boolean;
  /** Those who wait until a gateway is well. */
  waits: { clientid: string; resolve(well: WellResult): void }[];
}

/** A device as the registry gives it. */
export function fakeDevice(clientid: string, more: Partial<Device> = {}): Device {
  return {
    clientid,
    username: clientid,
    enabled: true,
    site: '',
    redundancy: '',
    note: '',
    tags: [],
    status: 'never_seen',
    since: null,
    reason: null,
    cause: null,
    source: null,
    presenceAsOf: null,
    warning: null,
    warningCause: null,
    refusedLogin: null,
    ipAddress: null,
    hostName: null,
    modelName: null,
    serialNumber: null,
    tpeVersion: null,
    firmwareVersion: null,
    biosVersion: null,
    description: null,
    createdAt: null,
    profileUpdatedAt: null,
    ...more,
  };
}

/** A command's record. */
export function fakeRecord(
  request: CommandRequest,
  requestId: string,
  more: Partial<CommandRecord> = {},
): CommandRecord {
  return {
    requestId,
    clientid: request.clientid,
    operation: request.operation ?? null,
    method: request.method ?? 'GET',
    path: request.path ?? '',
    requestBody: request.requestBody ?? {},
    state: 'SENT',
    reason: null,
    cause: null,
    reasonCode: null,
    whenOffline: request.whenOffline ?? 'fail',
    whenGuarded: request.whenGuarded ?? 'fail',
    timeoutMs: request.timeoutMs ?? 60_000,
    requestedBy: request.requestedBy ?? 'unknown',
    instance: 'fake',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T01:00:00.000Z',
    sentAt: null,
    endedAt: null,
    latencyMs: null,
    answer: null,
    faults: [],
    risk: 'read',
    classes: [],
    job: null,
    ...more,
  };
}

/** An installation's record. */
export function fakeInstallation(
  request: Pick<InstallationRequest, 'clientid'> & Partial<InstallationRequest>,
  more: Partial<Installation> = {},
): Installation {
  return {
    id: '1',
    clientid: request.clientid,
    packages: [...(request.packages ?? [])],
    state: 'QUEUED',
    reason: null,
    cause: null,
    reasonCode: null,
    package: 0,
    step: null,
    progress: 0,
    steps: [],
    before: { tpeVersion: null, firmwareVersion: null },
    after: { tpeVersion: null, firmwareVersion: null },
    snapshot: request.snapshot ?? null,
    allowCellular: request.allowCellular ?? true,
    timeoutMs: request.timeoutMs ?? 3_600_000,
    requestedBy: request.requestedBy ?? 'unknown',
    cancelRequestedBy: null,
    instance: 'fake',
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    updatedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    job: null,
    ...more,
  };
}

const NOTHING_TOLD = { faults: [], notes: [], format: 'csv' as const, encoding: null };

/** A device manager without database and broker: enough to see what nodes make of what a manager says. */
export function fakeManager(devices: Device[] = []): FakeManager {
  const events = new EventEmitter<ManagerEvents>();
  events.setMaxListeners(0);
  const calls: FakeManager['calls'] = [];
  const open: FakeManager['open'] = [];
  const waits: FakeManager['waits'] = [];
  const sent = new EventEmitter<{ command: [FakeManager['open'][number]] }>();
  const records = new Map<string, CommandRecord>();
  const installations = new Map<string, Installation>();
  let health: ManagerHealth = {
    databaseAwaySince: null,
    presenceAsOf: null,
    database: { connected: true, detail: 'fake' },
    broker: { connected: true, detail: 'fake' },
    presence: {
      checkedAt: null,
      listed: null,
      corrected: 0,
      correctedInAll: 0,
      unconfirmed: null,
      unconfirmedCause: null,
    },
    webhooks: null,
  };
  let requestId = 0;

  const noted =
    <Args extends unknown[], Result>(name: string, work: (...args: Args) => Result) =>
    (...args: Args): Promise<Awaited<Result>> => {
      calls.push({ name, args });
      return Promise.resolve().then(() => work(...args)) as Promise<Awaited<Result>>;
    };

  const matching = (filter: DeviceFilter) =>
    devices.filter(
      (device) =>
        (!filter.clientids || filter.clientids.includes(device.clientid)) &&
        (!filter.tag || device.tags.includes(filter.tag)) &&
        (!filter.status || device.status === filter.status),
    );

  const deviceOf = (clientid: string) => {
    const device = devices.find((each) => each.clientid === clientid);
    if (!device) throw new TpeError('NOT_FOUND', `There is no gateway "${clientid}".`);
    return device;
  };

  const submit = (request: CommandRequest) => {
    requestId += 1;
    const record = fakeRecord(request, String(requestId));
    records.set(record.requestId, record);
    const ended = new Promise<CommandRecord>((resolve) => {
      const command = {
        request,
        end(change: Partial<CommandRecord>) {
          open.splice(open.indexOf(command), 1);
          const end = { ...record, ...change };
          records.set(record.requestId, end);
          resolve(end);
        },
      };
      open.push(command);
      // Behind the caller, as with a real manager.
      setImmediate(() => sent.emit('command', command));
    });
    return { record, ended };
  };

  const notFaked = () => Promise.reject(new Error('not faked'));

  return {
    calls,
    open,
    waits,
    onSend: (listener) => void sent.on('command', listener),
    closed: false,
    events,
    metrics: new MetricsRegistry(),
    health: () => health,
    setHealth(change) {
      const part = (fault?: string) => ({ connected: fault === undefined, detail: fault ?? 'fake' });
      health = { ...health, database: part(change.database), broker: part(change.broker) };
      events.emit('health', health);
    },
    registry: {
      register: noted('register', (registration) => {
        const { clientid, username = clientid, password } = registration;
        const credential = {
          clientid,
          username,
          password: password ?? 'made',
          generated: password === undefined,
        };
        return { device: fakeDevice(clientid), credential };
      }),
      get: noted('get', (clientid) => devices.find((each) => each.clientid === clientid) ?? null),
      list: noted('list', (query) => {
        const start = Number(query.cursor ?? 0);
        const end = start + (query.limit ?? 50);
        const found = matching(query);
        return { devices: found.slice(start, end), next: end < found.length ? String(end) : null };
      }),
      async *each(filter: DeviceFilter) {
        calls.push({ name: 'each', args: [filter] });
        yield* matching(filter);
      },
      counts: noted('counts', (filter = {}) => ({
        total: matching(filter).length,
        online: matching({ ...filter, status: 'online' }).length,
        offline: matching({ ...filter, status: 'offline' }).length,
        never_seen: matching({ ...filter, status: 'never_seen' }).length,
      })),
      update: noted('update', (clientid, change) => ({ ...deviceOf(clientid), ...change })),
      rotate: noted('rotate', (clientid, password) => ({
        clientid,
        username: deviceOf(clientid).username ?? clientid,
        password: password ?? 'made',
        generated: password === undefined,
      })),
      tagMany: noted('tagMany', (clientids) => ({ changed: clientids.length, full: [] })),
      retire: noted('retire', deviceOf),
      rotateMany: noted('rotateMany', (clientids) => ({
        credentials: clientids.map((clientid) => ({
          clientid,
          username: clientid,
          password: 'made',
          generated: true,
        })),
        faults: [],
      })),
      import: noted('import', () => ({ total: 0, registered: 0, ...NOTHING_TOLD, credentials: [] })),
      previewImport: noted('previewImport', () => ({ total: 0, good: 0, ...NOTHING_TOLD, sample: [] })),
      statistics: noted('statistics', () => ({
        models: [],
        versions: [],
        sites: [],
        tags: [],
        withUpdate: 0,
      })),
      export: noted('export', (_filter, format) => (format === 'csv' ? 'clientid\n' : '[]')),
      exportPart: noted('exportPart', ({ format }) => ({
        text: format === 'csv' ? 'clientid\n' : '[]',
        next: null,
      })),
      storeProfile: notFaked,
      authenticate: notFaked,
    } satisfies Registry,
    commands: {
      send: noted('send', (request) => submit(request).ended),
      submit: noted('submit', (request) => submit(request).record),
      get: noted('getCommand', (id) => records.get(id) ?? null),
      waitFor: noted('waitFor', (id) => records.get(id) ?? null),
      list: noted('listCommands', () => [...records.values()].toReversed()),
      ofExecution: notFaked,
      lastAnswers: async () => [],
      outcomes: notFaked,
      cancel: noted('cancel', (id) => {
        const record = records.get(id);
        if (!record) throw new TpeError('NOT_FOUND', `There is no command ${id}.`);
        return { ...record, state: 'CANCELED' as const };
      }),
    },
    jobs: {
      preview: notFaked,
      decided: notFaked,
      previewDraft: notFaked,
      create: notFaked,
      change: notFaked,
      remove: notFaked,
      submit: notFaked,
      pause: notFaked,
      resume: notFaked,
      cancel: notFaked,
      retry: notFaked,
      skip: notFaked,
      get: async () => null,
      brief: async () => null,
      list: async () => ({ items: [], next: null }),
      executions: notFaked,
      execution: notFaked,
      ofGateway: async () => [],
      waiting: notFaked,
      failures: notFaked,
      progress: notFaked,
      sites: notFaked,
      report: () => {
        throw new Error('not faked');
      },
    },
    sites: {
      list: async () => ({ items: [], next: null }),
      get: notFaked,
      set: notFaked,
      remove: notFaked,
      shut: async () => new Map(),
      shutNow: async () => new Map(),
    },
    alarms: {
      list: async () => ({ items: [], next: null }),
      worst: async () => [],
      get: async () => null,
      counts: async () => ({ critical: 0, warning: 0, info: 0, unacknowledged: 0, shelved: 0 }),
      act: notFaked,
      raise: notFaked,
      clear: notFaked,
      rules: async () => [],
      setRule: notFaked,
      removeRule: notFaked,
      tell: () => () => undefined,
    },
    guard: {
      stop: notFaked,
      lift: notFaked,
      stops: notFaked,
      activeStops: async () => [],
      stopOf: async () => null,
      take: async () => null,
      takeMany: notFaked,
      holdsChanged: () => undefined,
      ended: async () => undefined,
      holds: async () => ({ items: [], next: null }),
      release: notFaked,
      limits: notFaked,
      fewerAllowed: notFaked,
      setLimit: notFaked,
      counts: notFaked,
      gatewayChanged: () => undefined,
      changedElsewhere: () => undefined,
      start: () => undefined,
      sweep: async () => undefined,
      close: async () => undefined,
    },
    catalogue: {
      ...TPE_OPERATIONS,
      categories: noted('categories', () => [{ id: 1, name: 'Software' }]),
      operationRows: noted('operationRows', () => []),
      importOperations: noted('importOperations', () => ({
        format: 'operations' as const,
        added: ['own-made'],
        changed: [],
        same: [],
        refused: [],
        operations: [],
        prefix: null,
        notes: [],
      })),
      saveOperation: noted('saveOperation', readOwnOperation),
      removeOperation: noted('removeOperation', () => undefined),
      exportOperations: async () => ({ format: 'tpe-operations', version: 1, operations: [] }),
    },
    installations: {
      start: noted('install', (request) => {
        const installation = fakeInstallation(request, { id: String(installations.size + 1) });
        installations.set(installation.id, installation);
        return installation;
      }),
      get: noted('getInstallation', (id) => installations.get(id) ?? null),
      overview: async () => ({
        ...{ days: 7, waiting: 0, inProgress: 0, done: 0, canceled: 0, failed: 0, failures: [] },
      }),
      list: noted('listInstallations', () => [...installations.values()].toReversed()),
      ofExecution: notFaked,
      cancel: noted('cancelInstallation', (id) => {
        const found = installations.get(id);
        if (!found) throw new TpeError('NOT_FOUND', `There is no installation "${id}".`);
        return { ...found, state: 'CANCELED' as const };
      }),
      waitFor: (id) =>
        new Promise((resolve) => {
          events.on('installation', (installation) => {
            if (installation.id === id && installation.endedAt !== null) resolve(installation);
          });
        }),
    },
    well: {
      before: noted('before', () => ({ apps: null, onlineSince: null })),
      untilWell: noted('untilWell', () => ({ well: true as const, tookMs: 1 })),
      async sendUntilWell(request, options = {}) {
        calls.push({ name: 'sendUntilWell', args: [request] });
        const record = await submit(request).ended;
        if (record.state !== 'SUCCEEDED') return { record, well: null };
        options.onWaiting?.(record);
        return {
          record,
          well: await new Promise((resolve) => waits.push({ clientid: record.clientid, resolve })),
        };
      },
    },
    updates: {
      scan: noted('scan', () => fakeScan({})),
      waitForScan: noted('waitForScan', () => fakeScan({ state: 'DONE', done: 2, found: 1 })),
      stopScan: noted('stopScan', () => fakeScan({})),
      lastScan: noted('lastScan', () => fakeScan({ state: 'DONE' })),
      results: noted('results', () => ({ updates: [], next: null })),
      groups: noted('groups', () => []),
      coverage: async () => ({ notScanned: 0, neverSeen: 0 }),
      gatewaysOf: noted('gatewaysOf', () => ({ gateways: [], next: null })),
      result: noted('result', () => null),
      plan: noted('plan', () => ({ path: [] })),
    },
    broker: {
      kind: 'embedded',
      knowsPresence: true,
      open: notFaked,
      publish: notFaked,
      publishMany: notFaked,
      listClients: notFaked,
      listNodes: notFaked,
      onNodes: () => undefined,
      onGap: () => undefined,
      canBeAsked: () => true,
      canPublish: () => true,
      listLagMs: () => 0,
      getClient: noted('getClient', () => null),
      disconnectClient: notFaked,
      ban: notFaked,
      unban: notFaked,
      health: () => health.broker,
      onHealth: () => undefined,
      onStart: () => undefined,
      close: notFaked,
    } satisfies Broker,
    history: {
      events: noted('historyEvents', () => []),
      timeline: noted('timeline', () => []),
      overTime: noted('overTime', () =>
        ['00', '01'].map((hour) => ({ at: `2026-11-25T${hour}:00:00.000Z`, online: 1 })),
      ),
    },
    timeline: {
      list: noted('timelineList', () => ({ items: [], next: null })),
      marks: noted('timelineMarks', () => ({ marks: [], cutAt: {} })),
      nextStep: noted('nextStep', () => null),
    },
    users: {
      list: noted('listUsers', () => []),
      find: () => null,
      create: notFaked,
      update: notFaked,
      setPassword: notFaked,
      endSessions: notFaked,
      remove: notFaked,
      noteLogin: notFaked,
      credentialOf: notFaked,
      admitExternal: notFaked,
    },
    tokens: {
      list: noted('listTokens', () => []),
      listOf: noted('listTokensOf', () => []),
      find: () => null,
      create: notFaked,
      revoke: notFaked,
      check: () => null,
    },
    views: {
      listOf: noted('listViewsOf', () => []),
      create: notFaked,
      change: notFaked,
      remove: notFaked,
    },
    audit: {
      record: noted('audit', () => undefined),
      list: noted('listAudit', () => []),
      async *each() {},
    },
    mqttSettings: () => ({
      ...{ host: null, port: 1883, tls: false },
      inputTopic: (clientid: string) => `/tpedm/${clientid}/input`,
      outputTopic: (clientid: string) => `/tpedm/${clientid}/output`,
    }),
    flowNews: () => null,
    retire: noted('managerRetire', deviceOf),
    takeWebhook: noted('takeWebhook', () => ({ outcome: 'taken' as const, action: 'fake' })),
    refreshProfile: noted('refreshProfile', deviceOf),
    async close() {
      this.closed = true;
    },
  };
}

/** How far a scan is. */
export function fakeScan(more: Partial<ScanProgress>): ScanProgress {
  return {
    id: '1',
    state: 'RUNNING',
    ...{
      total: 2,
      done: 0,
      found: 0,
      failed: 0,
      unseen: 0,
      faults: {},
      faultCauses: {},
      reason: null,
      cause: null,
    },
    requestedBy: 'test',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
    ...more,
  };
}
