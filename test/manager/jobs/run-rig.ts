import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../../nodes/manager/device-manager.js';
import type { JobStep } from '../../../nodes/manager/jobs/definition/definition.js';
import type { AttemptResult, ExecutionWork } from '../../../nodes/manager/jobs/execution.js';
import { createRunExecution } from '../../../nodes/manager/jobs/run/create-run-execution.js';
import type { Filling, RunOptions } from '../../../nodes/manager/jobs/run/run-options.js';
import type { Reason } from '../../../nodes/manager/shared/reason.js';
import { TpeError } from '../../../nodes/manager/shared/tpe-error.js';
import type { WellTiming } from '../../../nodes/manager/well/well.js';
import { connectGateway, type ReceivedRequest, type TestGateway } from '../../support/gateway.js';
import { openTestManager, presenceOf, type TestManager } from '../../support/manager.js';
import { patience, runsOut } from '../../support/patience.js';

export const GATEWAY = 'gw-1';

/** What a gateway does with a request; null: it does not answer. */
export type Serve = (request: ReceivedRequest) => { status: number; payload?: unknown } | null;

/** A manager with one gateway, and what carries out attempts on it. */
export interface RunRig {
  readonly manager: DeviceManager;
  /** What the gateway received, from all its connections, but not what the manager asks for by itself. */
  received: ReceivedRequest[];
  /** How the gateway answers from now on. Before that: 200 to everything. */
  serve(how: Serve): void;
  /** Answers a request that was not answered. */
  answer(request: ReceivedRequest, status: number): Promise<void>;
  /** Resolves with the next request of this path that is received. */
  next(path: string): Promise<ReceivedRequest>;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  /** Carries out an attempt; `steps` may be one command. */
  run(steps: readonly JobStep[], more?: RunMore): Promise<AttemptResult>;
  /** The calls of onStep. */
  told: { step: number; failure: string | null }[];
  /** Closes the manager, and opens it again on the same database and port. */
  reopen(): Promise<void>;
  stop(): Promise<void>;
}

export interface RunMore {
  work?: Partial<ExecutionWork>;
  signal?: AbortSignal;
  closing?: AbortSignal;
  /** Awaited before each step begins. */
  onStep?(step: number): Promise<void>;
  options?: Partial<RunOptions>;
}

/** A step of one command. */
export function command(
  given: Extract<JobStep, { kind: 'command' }>['command'],
  more: Partial<Extract<JobStep, { kind: 'command' }>> = {},
): JobStep {
  return {
    kind: 'command',
    name: 'send it',
    always: false,
    command: { check: 'warn', ...given },
    verify: null,
    ...more,
  };
}

const WELL_TIMING: WellTiming = {
  ...{ leave: 400, settle: 200, settleOtherwise: 50 },
  ...{ within: patience(20_000), answer: patience(2000), retry: 40, retryMost: 150 },
};
/** What the profile of a gateway is asked for with. */
const OWN_PATH = '/device/general';

export async function startRunRig(database: DatabaseOptions): Promise<RunRig> {
  const open = (port: number) =>
    openTestManager(database, {
      broker: { kind: 'embedded', host: '127.0.0.1', port },
      commandTimeoutMs: runsOut(1500),
      wellTiming: WELL_TIMING,
    });
  let test: TestManager = await open(0);
  const { port } = test;
  const { credential } = await test.manager.registry.register({ clientid: GATEWAY, site: 'Bochum' });
  const received: ReceivedRequest[] = [];
  const told: RunRig['told'] = [];
  const waiting: { path: string; resolve(request: ReceivedRequest): void }[] = [];
  let serve: Serve = () => ({ status: 200 });
  let gateway: TestGateway;

  async function follow(connected: TestGateway): Promise<void> {
    for (;;) {
      const request = await connected.nextRequest();
      if (request.path !== OWN_PATH) received.push(request);
      for (const one of waiting.filter(({ path }) => path === request.path)) {
        waiting.splice(waiting.indexOf(one), 1);
        one.resolve(request);
      }
      const reply = serve(request);
      if (reply !== null)
        await connected.answer(request.requestId, reply.payload ?? { data: 'ok' }, reply.status);
    }
  }

  async function connect(): Promise<void> {
    const online = presenceOf(test.manager, GATEWAY, 'online');
    gateway = await connectGateway({ ...credential, port });
    void follow(gateway).catch(() => undefined);
    await online;
  }

  async function leave(): Promise<void> {
    const offline = presenceOf(test.manager, GATEWAY, 'offline');
    await gateway.leave();
    await offline;
  }

  await connect();
  return {
    get manager() {
      return test.manager;
    },
    received,
    told,
    serve: (how) => {
      serve = how;
    },
    answer: (request, status) => gateway.answer(request.requestId, { data: 'ok' }, status),
    next: (path) => new Promise((resolve) => waiting.push({ path, resolve })),
    leave,
    comeBack: connect,
    run: (
      steps,
      {
        work = {},
        signal = new AbortController().signal,
        closing = new AbortController().signal,
        options = {},
        onStep,
      } = {},
    ) =>
      createRunExecution({ ...runOptionsOf(test.manager), ...options })(workOf(work), {
        definition: { name: 'a test', do: {}, targets: {} },
        steps: [...steps],
        signal,
        closing,
        async onStep(step, failure: Reason | null) {
          told.push({ step, failure: failure?.text ?? null });
          await onStep?.(step);
        },
      }),
    async reopen() {
      await test.manager.close();
      test = await open(port);
    },
    async stop() {
      await gateway.client.endAsync(true);
      await test.manager.close();
    },
  };
}

export function workOf(more: Partial<ExecutionWork>): ExecutionWork {
  return {
    job: '7',
    clientid: GATEWAY,
    attempt: 1,
    step: 0,
    failure: null,
    values: { word: 'hello' },
    deadline: Date.now() + patience(60_000),
    ...more,
  };
}

export function runOptionsOf(manager: DeviceManager): RunOptions {
  return {
    commands: manager.commands,
    installations: manager.installations,
    updates: manager.updates,
    catalogue: manager.catalogue,
    registry: manager.registry,
    knowsPresence: () => true,
    brokerBeganSince: () => Promise.resolve(false),
    well: manager.well,
    filling: FILLING,
    secret: (name) => ({ psk: 'open sesame' })[name],
  };
}

const FILLING: Filling = {
  fillRequest: (request, sources) => FILLING.fillIn(request, sources) as typeof request,
  fillIn: (value, { gateway, values }) =>
    JSON.parse(
      (JSON.stringify(value) ?? 'null').replaceAll(
        /\{\{(\w+)\.(\w+)\}\}/g,
        (written, source: string, name: string) => {
          const found = (source === 'gateway' ? { ...gateway } : values)[name as never];
          if (found === undefined) throw new TpeError('INVALID_INPUT', `${written} has no value.`);
          return String(found);
        },
      ),
    ),
  resolveSecrets(value, lookUp) {
    const secrets: string[] = [];
    const resolved = JSON.parse(JSON.stringify(value) ?? 'null', (_name, one) => {
      if (typeof one !== 'object' || one === null || !('$secret' in one)) return one;
      const secret = lookUp(one.$secret) ?? '';
      secrets.push(secret);
      return secret;
    });
    return { value: resolved, secrets };
  },
};
