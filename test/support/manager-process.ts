import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ManagerHealth } from '../../nodes/manager/device-manager.js';
import type { Jobs } from '../../nodes/manager/jobs/job.js';
import type { DeathPoint } from './death-point.js';
import type {
  ManagerBeginning,
  ManagerCall,
  ManagerQuestion,
  ManagerReply,
} from './manager-process-child.js';

/** A whole device manager in a process of its own, which may be killed at any time and begins again with the same options. */
export interface ManagerProcess {
  readonly instance: string;
  /** Whether it is open and can be called. */
  isAlive(): boolean;
  /** Calls a method of a room. Rejects with an error with the code of that of the manager, and `DEAD` where the process ends meanwhile. */
  call<T>(room: ManagerCall['room'], method: string, ...parameters: unknown[]): Promise<T>;
  jobs<
    Name extends 'create' | 'submit' | 'resume' | 'get' | 'cancel' | 'execution' | 'executions' | 'waiting',
  >(method: Name, ...parameters: Parameters<Jobs[Name]>): ReturnType<Jobs[Name]>;
  /** Begins it, again if it has ended. `diesAt`: where it kills itself. Resolves when the manager is open, or has died before. */
  begin(diesAt?: DeathPoint): Promise<void>;
  /** From now on it kills itself at this point. */
  dieAt(point: DeathPoint): Promise<void>;
  /** As a power cut. Resolves when it is dead. */
  kill(): Promise<void>;
  /** As a machine that is paused, and goes on later as if no time had passed. */
  pause(): void;
  goOn(): void;
  /** Resolves when it has ended by itself. */
  ended(): Promise<void>;
  log: string[];
  /** What it told of database and broker, the newest last. */
  healths: ManagerHealth[];
}

interface Told {
  opened?: true;
  refused?: string;
  log?: string;
  health?: ManagerHealth;
  id?: number;
  reply?: ManagerReply;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function createManagerProcess(options: ManagerBeginning['options']): ManagerProcess {
  const calls = new Map<number, (reply: ManagerReply) => void>();
  const log: string[] = [];
  const healths: ManagerHealth[] = [];
  let child: ChildProcess | null = null;
  let isOpen = false;
  let last = 0;

  function take(told: Told): void {
    if (told.log !== undefined) log.push(told.log);
    if (told.health !== undefined) healths.push(told.health);
    if (told.id === undefined) return;
    calls.get(told.id)?.(told.reply!);
    calls.delete(told.id);
  }

  function start(): ChildProcess {
    const begun = fork(join(__dirname, 'manager-process-child.js'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    running.add(begun);
    begun.on('message', take);
    begun.on('error', () => undefined);
    begun.once('exit', () => {
      running.delete(begun);
      if (child === begun) {
        child = null;
        isOpen = false;
      }
      const fault = { code: 'DEAD', message: 'The device manager has died.' };
      for (const reply of calls.values()) reply({ fault });
      calls.clear();
    });
    return begun;
  }

  async function ask<T>(what: { call: ManagerCall } | { point: DeathPoint }): Promise<T> {
    const { value, fault } = await new Promise<ManagerReply>((resolve) => {
      if (child === null || !isOpen) return resolve({ fault: { code: 'DEAD', message: 'It does not run.' } });
      last += 1;
      calls.set(last, resolve);
      child.send({ id: last, ...what } satisfies ManagerQuestion, () => undefined);
    });
    if (fault !== undefined) throw Object.assign(new Error(fault.message), { code: fault.code });
    return value as T;
  }

  const call = <T>(room: ManagerCall['room'], method: string, ...parameters: unknown[]) =>
    ask<T>({ call: { room, method, parameters } });

  return {
    instance: options.instance,
    isAlive: () => isOpen,
    call,
    dieAt: (point) => ask({ point }),
    jobs: (method, ...parameters) => call('jobs', method, ...parameters) as never,
    async begin(diesAt) {
      const begun = start();
      child = begun;
      const opened = new Promise<void>((resolve, reject) => {
        begun.once('exit', () => resolve());
        begun.on('message', ({ opened: hasOpened, refused }: Told) => {
          if (hasOpened) {
            isOpen = true;
            resolve();
          }
          if (refused !== undefined) reject(new Error(refused));
        });
      });
      begun.send({ options, diesAt: diesAt ?? null } satisfies ManagerBeginning, () => undefined);
      await opened;
    },
    async kill() {
      if (child === null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    pause: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    async ended() {
      if (child !== null) await once(child, 'exit');
    },
    log,
    healths,
  };
}
