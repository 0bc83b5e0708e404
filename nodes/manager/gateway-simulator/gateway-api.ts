import { appsOf, CLOUD_APP, changeApp } from './apps.js';
import type { GatewayClock } from './clock.js';
import type { UpgradeFault } from './faults.js';
import { changeGeneral, fullDisks, generalOf } from './general.js';
import type { GatewayIdentity } from './identity.js';
import { deepMerge, isJson } from './merge.js';
import { createModbusMaster, MODBUS_MASTER } from './modbus-master.js';
import { changeDns, changeEthernet, changeSsh, ethernetsOf } from './network.js';
import { isOffered, type Json, templateOf } from './resource-templates.js';
import { createResources } from './resources.js';
import { createSystemUpgrade } from './system-upgrade.js';
import { createUpgradeJobs } from './upgrade-jobs.js';
import { misfit, type Versions, versionsIn } from './upgrade-package.js';
import { type ApiAnswer, apiError } from './wire.js';

/** What a request can do to the gateway that answers it, beyond its values. */
export interface GatewayEffects {
  /** The gateway goes down and comes back. */
  reboot(): void;
  /** The gateway has no MQTT connection for this time, ms. */
  away(forMs: number): void;
  /** The gateway loses its MQTT connection for good. */
  gone(): void;
  /** Does work later, unless the gateway is stopped before. */
  later(work: () => void, afterMs: number): void;
}

export interface GatewayApiOptions {
  identity: GatewayIdentity;
  clock: GatewayClock;
  /** The connection as `/mqtt` shows it, which includes the password, as on a real gateway. */
  mqttClient: Json;
  /** How many times faster than a real gateway it upgrades. */
  timeScale: number;
  /** How long it is away when its MQTT application restarts, ms. */
  restartMs: number;
  /**
   * How upgrades fail at present; undefined: they do not. It is called at each step, since faults can change during an upgrade.
   */
  upgradeFault(): UpgradeFault | undefined;
  effects: GatewayEffects;
}

export interface GatewayApi {
  /** Answers a request; `fullPath` may have a query. Faults of the request are answers with an error status. */
  handle(method: string, fullPath: string, requestBody: unknown): ApiAnswer;
  /** Call it when the gateway has booted: sets its boot time and shows versions that waited for a boot. */
  booted(): void;
}

const GENERAL = '/device/general';
const REBOOT = '/system/reboot';
const UPGRADE = '/system/upgrade';
const ETHERNETS = '/device/ethernets';
const A_DAY_MS = 86_400_000;

/** The requests that do more than read or change stored values. */
const SPECIAL = [
  [/^GET$/, /^\/device\/time$/, 'readTime'],
  [/^PATCH$/, /^\/device\/time$/, 'setTime'],
  [/^PATCH$/, /^\/device\/general$/, 'setGeneral'],
  [/^PATCH$/, /^\/device\/ethernets\/[^/]+$/, 'setEthernet'],
  [/^PUT$/, /^\/device\/dns$/, 'setDns'],
  [/^(PUT|PATCH)$/, /^\/system\/sshserver$/, 'setSsh'],
  [/^PUT$/, /^\/system\/reboot$/, 'reboot'],
  // Each of these loses or disables the settings of the MQTT connection, so the gateway cannot come back by itself.
  [/^PUT$/, /^\/system\/(reset-default|decommission|services\/cloud\/disable)$/, 'leaveForGood'],
  [/^PUT$/, /^\/apps\/[^/]+\/[^/]+$/, 'useApp'],
  [/^(PUT|DELETE)$/, /^\/mqtt\/\d+$/, 'changeMqtt'],
  [/./, /^\/upgrades(\/|$)/, 'upgrade'],
  [/^GET$/, /^\/jobs$/, 'readJobs'],
  [/./, MODBUS_MASTER, 'modbusMaster'],
] as const;
type Special = (typeof SPECIAL)[number][2];

/** Creates the API of one virtual gateway. Special requests have a function of their own; all others go by the catalogue. */
export function createGatewayApi(options: GatewayApiOptions): GatewayApi {
  const { identity, clock, effects } = options;
  const resources = createResources(identity.api, ownValue);
  const modbusMaster = createModbusMaster(resources);
  const upgrades = createUpgradeJobs({
    timeScale: options.timeScale,
    // Gateways of the AIG line wait for PUT /upgrades/{id}/start.
    startsByItself: !identity.modelName.startsWith('AIG'),
    snapshotByDefault: () => (resources.read(UPGRADE) as Json).enableSnapshot === true,
    fault: options.upgradeFault,
    misfit: (url) => misfit(url, identity, String(general().firmwareVersion)),
    onCut: effects.away,
    onInstalled: installed,
    onRollback: effects.away,
    later: effects.later,
  });
  const systemUpgrade = createSystemUpgrade({
    timeScale: options.timeScale,
    fault: options.upgradeFault,
    onCut: effects.away,
    onInstalled: installed,
    later: effects.later,
  });
  let ethernets: Json[] | undefined;
  let bootedAt = clock.now() - A_DAY_MS;
  /** The versions that were installed, but that show only after the next boot. */
  let pending: Versions | null = null;

  function ownValue(path: string): unknown {
    switch (path) {
      case GENERAL:
        return generalOf(identity, bootTime());
      case UPGRADE:
        return {
          allowOverCellular: true,
          caName: '',
          certFileName: '',
          disks: (resources.read(GENERAL) as Json).disk,
          enableClientAuth: false,
          enableSnapshot: true,
          isSnapshotSupported: true,
          keyFileName: '',
          retryCount: 3,
          retryInterval: 5,
          targetDiskName: 'System',
        };
      case REBOOT:
        return {
          at: { minute: '0', hour: '12', day: '1', month: '1', dayOfWeek: '*' },
          enableScheduler: false,
          lastBootAt: bootTime(),
          nextTriggerAt: null,
        };
      case '/apps':
        return appsOf(identity);
      case ETHERNETS:
        // An entry is replaced by its identity, so they are the same each time.
        ethernets ??= ethernetsOf(identity);
        return ethernets;
      case '/mqtt':
        return [options.mqttClient];
      case '/mqtt/monitor':
        return { status: 'OK', clients: [{ name: options.mqttClient.name, connectionStatus: 'connected' }] };
      case '/remotectl/services':
        return [{ name: 'mqtt', displayName: 'MQTT Client', path: '/mqtt', enable: true, status: 'OK' }];
      default:
        return undefined;
    }
  }

  const bootTime = () => `${new Date(bootedAt).toISOString().slice(0, 19)}Z`;
  const general = () => resources.read(GENERAL) as Json;

  function installed(url: string | null, mayReboot: boolean): void {
    const versions = versionsIn(url ?? '', identity);
    if (!mayReboot) {
      pending = versions;
      return;
    }
    show(versions);
    effects.reboot();
  }

  function show({ tpeVersion, firmwareVersion }: Versions): void {
    const versionField = identity.api === 'tpe' ? 'thingsproVersion' : 'softwareVersion';
    resources.write(GENERAL, {
      ...general(),
      ...(tpeVersion === null ? {} : { [versionField]: tpeVersion }),
      ...(firmwareVersion === null ? {} : { firmwareVersion }),
    });
  }

  function reboot(body: unknown): ApiAnswer {
    if (!isJson(body)) return apiError(400, 'invalid request body');
    const { now, ...schedule } = body;
    if (now !== undefined && typeof now !== 'boolean') return apiError(400, 'invalid value of now');
    const settings = deepMerge(resources.read(REBOOT), schedule);
    resources.write(REBOOT, settings);
    return answered({ data: settings }, now === true ? effects.reboot : undefined);
  }

  function useApp(fullPath: string): ApiAnswer {
    const [, , name = '', action = ''] = levelsOf(fullPath);
    const answer = changeApp(resources.read('/apps') as Json[], name, action, (list) =>
      resources.write('/apps', list),
    );
    if (name !== CLOUD_APP || answer.status !== 200 || action === 'start') return answer;
    const afterwards = action === 'restart' ? () => effects.away(options.restartMs) : effects.gone;
    return { ...answer, afterwards };
  }

  /** A change of the gateway's own MQTT client cuts the connection. A deleted or disabled client does not come back. */
  function changeMqtt(body: unknown, method: string, fullPath: string): ApiAnswer {
    const answer = resources.handle(method, fullPath, body);
    if (answer.status >= 400 || levelsOf(fullPath)[2] !== String(options.mqttClient.id)) return answer;
    const isKept = method === 'PUT' && isJson(body) && body.enable !== false;
    return { ...answer, afterwards: isKept ? () => effects.away(options.restartMs) : effects.gone };
  }

  const special: Record<Special, (body: unknown, method: string, fullPath: string) => ApiAnswer> = {
    readTime: clock.read,
    setTime: clock.change,
    setEthernet: (body, method, fullPath) => changeEthernet(resources, body, method, fullPath),
    setDns: (body, method, fullPath) => changeDns(resources, body, method, fullPath),
    setSsh: (body, method, fullPath) => changeSsh(resources, body, method, fullPath),
    setGeneral: (body) => changeGeneral(general(), body, (next) => resources.write(GENERAL, next)),
    reboot,
    leaveForGood: () => answered({ data: 'ok' }, effects.gone),
    useApp: (_body, _method, fullPath) => useApp(fullPath),
    changeMqtt,
    upgrade: (body, method, fullPath) => upgrades.handle(method, pathOf(fullPath), body),
    readJobs: upgrades.jobs,
    modbusMaster: (body, method, fullPath) => modbusMaster.handle(method, fullPath, body),
  };

  function route(method: string, fullPath: string, body: unknown): ApiAnswer {
    const path = pathOf(fullPath);
    // The catalogue ignores empty levels in a path, but a real gateway answers 404 to them.
    const operation = /\/(\/|$)/.test(path) ? undefined : templateOf(path)?.methods.get(method);
    if (!operation || !isOffered(operation, identity.api)) return apiError(404, 'page not found');
    const name = SPECIAL.find(([methods, pattern]) => methods.test(method) && pattern.test(path))?.[2];
    if (name !== undefined) return special[name](body, method, fullPath);
    const upgraded = identity.api === 'aig-302' ? systemUpgrade.handle(method, path, body) : null;
    return upgraded ?? resources.handle(method, fullPath, body);
  }

  function withDisks(method: string, path: string, answer: ApiAnswer): ApiAnswer {
    const isTold = method === 'GET' && (path === GENERAL || path === UPGRADE);
    return isTold && options.upgradeFault() === 'disk_full' ? fullDisks(answer) : answer;
  }

  return {
    handle(method, fullPath, requestBody) {
      const answer = withDisks(method, pathOf(fullPath), route(method, fullPath, requestBody));
      return identity.api === 'aig-302' ? withTextCode(answer) : answer;
    },
    booted() {
      bootedAt = clock.now();
      if (pending !== null) show(pending);
      pending = null;
      resources.write(GENERAL, { ...general(), lastBootTime: bootTime() });
      resources.write(REBOOT, { ...(resources.read(REBOOT) as Json), lastBootAt: bootTime() });
    },
  };
}

const TEXT_CODES: Record<number, string> = { 400: 'BAD_REQUEST', 404: 'NOT_FOUND', 409: 'CONFLICT' };

/** An AIG-302 has a word as the error code, where other gateways have the number of the status. */
function withTextCode(answer: ApiAnswer): ApiAnswer {
  const error = isJson(answer.payload) ? answer.payload.error : undefined;
  if (!isJson(error)) return answer;
  return { ...answer, payload: { error: { ...error, code: TEXT_CODES[answer.status] ?? error.code } } };
}

function answered(payload: Json, afterwards?: () => void): ApiAnswer {
  return { status: 200, payload, ...(afterwards ? { afterwards } : {}) };
}

function pathOf(fullPath: string): string {
  return fullPath.split('?')[0] ?? '';
}

function levelsOf(fullPath: string): string[] {
  return pathOf(fullPath).split('/');
}
