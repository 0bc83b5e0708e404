import type { PackageUrl, PackageUrlRule } from '../../catalogue/package-url.js';
import type { CommandRecord, CommandRequest, Commands } from '../../commands/command.js';
import { isUnavailable } from '../../database/unavailable.js';
import { errorText } from '../../protocol/answer.js';
import { messageOf, TpeError } from '../../shared/tpe-error.js';
import type { SoftwarePackage } from '../software-package.js';
import { newWork, type Work } from './checkpoint.js';
import { Ended } from './ended.js';
import type { Installation, InstallationStep, StepName } from './installation.js';
import type { InstallationStore, OpenInstallation } from './installation-store.js';
import type { InstallPace } from './timing.js';
import type { GatewayRequest } from './upgrade-api/gateway-upgrades.js';

/** What a gateway made of a question. */
export type Reply =
  | { kind: 'answered'; status: number; payload: unknown /** Where it is an error. */; error: string | null }
  | { kind: 'offline' | 'silent'; reason: string };

/** One installation on its way: what the steps are made with. */
export interface Journey {
  readonly clientid: string;
  readonly pace: InstallPace;
  /** What is remembered; whoever changes it saves it. */
  readonly work: Work;
  /** When this manager took it up, ms since the epoch. */
  readonly takenUpAt: number;
  installation(): Installation;
  software(): SoftwarePackage;
  /** From where the gateway is told to load it. Ended where it may not: it was recorded before that was refused. */
  packageUrl(): PackageUrl;
  /** Ends the step before, begins this one, and saves; nothing where it is in this step already. */
  enter(step: StepName): Promise<void>;
  /** How far the step has come, 0..100, and what goes on, for a person. */
  progress(progress: number, detail: string | null): Promise<void>;
  /** Changes the record, and saves. */
  change(change: Partial<Installation>): Promise<void>;
  save(): Promise<void>;
  /** Goes on to the next package. */
  nextPackage(skipped: boolean): Promise<void>;
  /** Waits, or less where something happens to the gateway or to this installation. Ended when its time is up. */
  pause(ms: number): Promise<void>;
  /** Who wants it to end; null mostly. */
  cancelRequestedBy(): string | null;
  /** Asks the gateway, unless it is offline; a gateway that is retired ends it. */
  ask(request: GatewayRequest): Promise<Reply>;
  /** Gives a command that must not be given twice, also over restarts; the command when it has ended. */
  once(key: keyof Work['requests'], request: GatewayRequest): Promise<CommandRecord>;
  /** That command did not arrive: it may be given again. */
  forget(key: keyof Work['requests']): Promise<void>;
}

/** A journey from outside. */
export interface JourneyHandle extends Journey {
  /** Something happened: whoever pauses looks. */
  wake(): void;
  /** The gateway was seen to leave. */
  left(): void;
  cancel(requestedBy: string): void;
  /** Writes its end. */
  end(ended: Ended): Promise<void>;
}

export type Standing = 'online' | 'offline' | 'retired';

export interface JourneyOptions {
  store: Pick<InstallationStore, 'save'>;
  commands: Commands;
  standing(clientid: string): Promise<Standing>;
  pace: InstallPace;
  packageUrl: PackageUrlRule;
  onChange(installation: Installation): void;
  /** Aborted when the manager closes. */
  signal: AbortSignal;
}

/** How much of a package each step is, in 100. */
const SHARES: Record<StepName, number> = {
  precheck: 2,
  create: 1,
  start: 1,
  download: 25,
  install: 55,
  reboot: 4,
  reconnect: 9,
  verify: 3,
};

/** Takes an installation up where it is. */
export function createJourney(options: JourneyOptions, open: OpenInstallation): JourneyHandle {
  const { store, commands, pace, signal } = options;
  const takenUpAt = Date.now();
  const work: Work = { ...newWork(takenUpAt, 0), ...open.work };
  const { clientid, id } = open.installation;
  const requestedBy = `tpedm: install ${id}`;
  const isTakenUpAgain = open.installation.startedAt !== null;
  let installation = open.installation;
  let cancelRequestedBy = installation.cancelRequestedBy;
  let wakeUp = () => {};

  async function save(): Promise<void> {
    installation = { ...installation, updatedAt: new Date().toISOString() };
    const saved = await unlessClosed(store.save({ installation, work }));
    if (saved === null) throw new TpeError('CLOSED', 'Another device manager has this installation.');
    if (saved.cancelRequestedBy !== null) noteCancel(saved.cancelRequestedBy);
    options.onChange(installation);
  }

  function noteCancel(by: string): void {
    cancelRequestedBy ??= by;
    installation = { ...installation, cancelRequestedBy };
  }

  async function change(changes: Partial<Installation>): Promise<void> {
    installation = { ...installation, ...changes };
    await save();
  }

  const software = () => installation.packages[installation.package]!;
  const steps = () => installation.steps;
  const current = () => steps().at(-1);

  function replaceCurrent(changes: Partial<InstallationStep>): InstallationStep[] {
    const step = current();
    return step === undefined ? [] : [...steps().slice(0, -1), { ...step, ...changes }];
  }

  async function enter(name: StepName): Promise<void> {
    const last = current();
    if (last?.name === name && last.package === installation.package && last.endedAt === null) return;
    const now = new Date().toISOString();
    const before = last?.endedAt === null ? replaceCurrent({ endedAt: now, progress: 100 }) : steps();
    const step = {
      package: installation.package,
      name,
      startedAt: now,
      endedAt: null,
      detail: null,
      progress: 0,
    };
    installation = { ...installation, step: name, steps: [...before, step] };
    await change({ progress: overall(name, 0) });
  }

  async function progress(done: number, detail: string | null): Promise<void> {
    const step = current();
    if (step === undefined) return;
    const next = Math.max(step.progress, done);
    if (step.progress === next && step.detail === detail) return;
    await change({ steps: replaceCurrent({ progress: next, detail }), progress: overall(step.name, next) });
  }

  function overall(name: StepName, done: number): number {
    let share = (SHARES[name] * done) / 100;
    for (const [step, whole] of Object.entries(SHARES)) {
      if (step === name) break;
      share += whole;
    }
    const percent = (100 * installation.package + share) / installation.packages.length;
    return Math.max(installation.progress, Math.min(99, Math.floor(percent)));
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(wake, Math.max(0, Math.min(ms, deadline() - Date.now())));
      function wake() {
        clearTimeout(timer);
        wakeUp = () => {};
        signal.removeEventListener('abort', wake);
        resolve();
      }
      wakeUp = wake;
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
    });
    throwIfClosed();
    if (Date.now() < deadline()) return;
    throw new Ended('TIMED_OUT', 'TIMED_OUT', outOfTime(installation, work));
  }

  /** What became of the gateway while no manager was there is looked at in any case. */
  function deadline(): number {
    const least = isTakenUpAgain ? takenUpAt + pace.grace : 0;
    return Math.max(work.startedAt + installation.timeoutMs, least);
  }

  function throwIfClosed(): void {
    if (signal.aborted) throw new TpeError('CLOSED', 'The device manager is closing.');
  }

  /** What takes long is not waited for when the manager closes. */
  async function unlessClosed<T>(working: Promise<T>): Promise<T> {
    throwIfClosed();
    let onAbort = () => {};
    const closed = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(new TpeError('CLOSED', 'The device manager is closing.'));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    working.catch(() => undefined);
    try {
      return await Promise.race([working, closed]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async function ask(request: GatewayRequest): Promise<Reply> {
    try {
      const standing = await unlessClosed(options.standing(clientid));
      if (standing === 'retired') throw retired();
      if (standing === 'offline') return { kind: 'offline', reason: 'the gateway is offline' };
      return replyOf(await unlessClosed(commands.send(commandOf(request, pace.answer))));
    } catch (error) {
      if (!isPassing(error)) throw error;
      return { kind: 'silent', reason: messageOf(error) };
    }
  }

  function commandOf({ method, path, requestBody }: GatewayRequest, timeoutMs: number): CommandRequest {
    // What fits the API is decided here, not by the catalogue, which users can change.
    return { clientid, method, path, requestBody, timeoutMs, check: 'warn', requestedBy };
  }

  async function once(key: keyof Work['requests'], request: GatewayRequest): Promise<CommandRecord> {
    let requestId = work.requests[key] ?? null;
    for (;;) {
      try {
        requestId ??= await findGiven(request);
        if (requestId === null) {
          requestId = (await unlessClosed(commands.submit(commandOf(request, pace.create)))).requestId;
        }
        if (work.requests[key] !== requestId) {
          work.requests[key] = requestId;
          await save();
        }
        const record = await unlessClosed(commands.waitFor(requestId, pace.answer));
        if (record !== null && record.state !== 'QUEUED' && record.state !== 'SENT') return record;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await pause(pace.retry);
      }
    }
  }

  /** A command that was recorded, though whoever gave it did not live to note that. */
  async function findGiven({ method, path }: GatewayRequest): Promise<string | null> {
    let before: string | undefined;
    for (;;) {
      const records = await unlessClosed(commands.list({ clientid, before, limit: 500 }));
      const found = records.find(
        (record) =>
          record.method === method &&
          record.path === path &&
          record.requestedBy === requestedBy &&
          Date.parse(record.createdAt) >= work.startedAt &&
          !work.lost.includes(record.requestId),
      );
      const last = records.at(-1);
      if (found !== undefined) return found.requestId;
      if (last === undefined || Date.parse(last.createdAt) < work.startedAt) return null;
      before = last.requestId;
    }
  }

  return {
    clientid,
    pace,
    work,
    takenUpAt,
    installation: () => installation,
    software,
    packageUrl() {
      const read = options.packageUrl(software().yamlUrl);
      if ('url' in read) return read.url;
      throw new Ended('FAILED', 'FORBIDDEN', `Packages are not loaded from this URL: ${read.fault}.`);
    },
    enter,
    progress,
    change,
    save,
    async nextPackage(skipped) {
      const now = new Date().toISOString();
      Object.assign(work, newWork(Date.now(), work.skipped + (skipped ? 1 : 0)));
      const ended = replaceCurrent({ endedAt: now, progress: 100 });
      const index = installation.package + 1;
      if (index === installation.packages.length) installation = { ...installation, steps: ended };
      else await change({ steps: ended, package: index, step: null });
    },
    pause,
    cancelRequestedBy: () => cancelRequestedBy,
    ask,
    once,
    async forget(key) {
      const requestId = work.requests[key];
      if (requestId !== undefined) work.lost.push(requestId);
      delete work.requests[key];
      await save();
    },
    wake: () => wakeUp(),
    left() {
      if (work.doneAt !== null) work.wasAway = true;
      wakeUp();
    },
    cancel(by) {
      noteCancel(by);
      wakeUp();
    },
    async end({ state, code, message }) {
      const now = new Date().toISOString();
      const isDone = state === 'SUCCEEDED' || state === 'ALREADY_INSTALLED';
      const last = current();
      await change({
        state,
        reason: message === '' ? null : message,
        reasonCode: code,
        step: null,
        steps: last?.endedAt === null ? replaceCurrent({ endedAt: now }) : steps(),
        progress: isDone ? 100 : installation.progress,
        endedAt: now,
      });
    },
  };
}

function replyOf(record: CommandRecord): Reply {
  const { answer, reason, reasonCode } = record;
  if (answer !== null) {
    const { status, payload } = answer;
    const error = record.state === 'FAILED' ? (reason ?? errorText(payload) ?? `status ${status}`) : null;
    return { kind: 'answered', status, payload, error };
  }
  if (reasonCode === 'NOT_FOUND') throw retired();
  return { kind: reasonCode === 'OFFLINE' ? 'offline' : 'silent', reason: reason ?? record.state };
}

function retired(): Ended {
  return new Ended('CANCELED', 'NOT_FOUND', 'The gateway was retired.');
}

/** What will pass by itself: the database or the broker is away, or has too much to do. */
function isPassing(error: unknown): boolean {
  if (error instanceof TpeError) return error.code === 'UNAVAILABLE' || error.code === 'BUSY';
  return isUnavailable(error);
}

function outOfTime({ timeoutMs, step }: Installation, { jobId }: Work): string {
  const time = `${Math.round(timeoutMs / 1000)} s for a package were over in the step "${step ?? 'precheck'}"`;
  if (jobId === null) return `The ${time}.`;
  return `The ${time}. The upgrade may still run on the gateway: look at it there (job ${jobId}).`;
}
