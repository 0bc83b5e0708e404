import type { UpgradeFault } from './faults.js';
import { isJson } from './merge.js';
import type { Json } from './resource-templates.js';
import { fileNameOf } from './upgrade-package.js';
import { type ApiAnswer, apiError, hashOf } from './wire.js';

interface Task {
  taskId: string;
  mode: 'file' | 'apt';
  fileId?: string;
  allowReboot: boolean;
  startedAt: number;
  /** Why it failed; null if it has not failed. */
  failure: string | null;
}

export interface SystemUpgradeOptions {
  /** How many times faster than a real gateway. */
  timeScale: number;
  /** How upgrades fail at present; undefined: they do not. */
  fault(): UpgradeFault | undefined;
  /** Called when the MQTT application is replaced: the gateway has no MQTT connection for this time, ms. */
  onCut(forMs: number): void;
  /** Called at the end. `url` is null where packages were installed by name; `mayReboot` says whether to reboot at once. */
  onInstalled(url: string | null, mayReboot: boolean): void;
  later(work: () => void, afterMs: number): void;
}

export interface SystemUpgrade {
  /** Answers POST `/system/upgrade`, and the paths below it; null for all other requests, which somebody else answers. */
  handle(method: string, path: string, requestBody: unknown): ApiAnswer | null;
}

const QUEUED_S = 5;
const FAILED_S = 200;
const CUT_FROM_S = 400;
const CUT_TO_S = 520;
const DONE_S = 600;
const MESSAGES: Partial<Record<UpgradeFault, string>> = {
  disk_full: 'no space left on device',
  bad_package: 'package validation failed',
};

/** Creates the upgrade of an AIG-302, which has one task at a time, created by POST /system/upgrade. */
export function createSystemUpgrade(options: SystemUpgradeOptions): SystemUpgrade {
  const { timeScale, later } = options;
  const ms = (seconds: number) => (seconds * 1000) / timeScale;
  let file: { fileId: string; filename: string; url: string } | null = null;
  let task: Task | null = null;
  let made = 0;

  function statusOf(of: Task): string {
    if (of.failure !== null) return 'fail';
    const ran = Date.now() - of.startedAt;
    if (ran < ms(QUEUED_S)) return 'queued';
    return ran < ms(DONE_S) || options.fault() === 'hang' ? 'running' : 'success';
  }

  function isOver(of: Task): boolean {
    return ['success', 'fail'].includes(statusOf(of));
  }

  function fetchFile(url: unknown): ApiAnswer | null {
    if (typeof url !== 'string' || !/^https?:\/\/[^/]+\/.*\.(tar|deb|ya?ml)$/.test(url)) {
      return apiError(400, 'unsupported file format');
    }
    file = { fileId: hexOf(url), filename: fileNameOf(url), url };
    return null;
  }

  function begin(body: unknown): ApiAnswer {
    if (!isJson(body)) return apiError(400, 'invalid request body');
    if (task !== null && !isOver(task)) return apiError(409, 'an upgrade is running');
    if (body.mode !== 'file' && body.mode !== 'apt') return apiError(400, 'invalid mode');
    if (body.mode === 'apt' && !Array.isArray(body.pkgs)) return apiError(400, 'invalid pkgs');
    const fault = body.mode === 'file' && body.url !== undefined ? fetchFile(body.url) : null;
    if (fault !== null) return fault;
    if (body.mode === 'file' && (file === null || (body.fileId ?? file.fileId) !== file.fileId)) {
      return apiError(404, 'file not found');
    }
    made += 1;
    const begun: Task = {
      taskId: hexOf(`${made} ${Date.now()}`),
      mode: body.mode,
      ...(body.mode === 'file' ? { fileId: file!.fileId } : {}),
      allowReboot: body.allowReboot === true,
      startedAt: Date.now(),
      failure: null,
    };
    task = begun;
    run(begun, body.mode === 'file' ? file!.url : null);
    return { status: 202, payload: { data: showTask(begun) } };
  }

  function run(begun: Task, url: string | null): void {
    later(() => fail(begun, MESSAGES[options.fault() ?? 'hang']), ms(FAILED_S));
    const goOn = (work: () => void) => () => begun.failure === null && options.fault() !== 'hang' && work();
    later(
      goOn(() => options.onCut(ms(CUT_TO_S - CUT_FROM_S))),
      ms(CUT_FROM_S),
    );
    later(
      goOn(() => {
        if (options.fault() === 'rollback') fail(begun, 'installation failed');
        else options.onInstalled(url, begun.allowReboot);
      }),
      ms(DONE_S),
    );
  }

  function fail(begun: Task, message: string | undefined): void {
    if (message !== undefined) begun.failure = message;
  }

  function showTask(shown: Task): Json {
    const { startedAt: _, failure, ...told } = shown;
    return { ...told, status: statusOf(shown), message: failure ?? '' };
  }

  function handleFile(method: string, body: unknown): ApiAnswer {
    if (method === 'POST') {
      const fault = fetchFile(isJson(body) ? body.url : undefined);
      if (fault !== null) return fault;
    }
    if (file === null) return apiError(404, 'file not found');
    const { url: _, ...shown } = file;
    if (method === 'DELETE') {
      file = null;
      return { status: 204, payload: null };
    }
    const data = {
      ...shown,
      sha256: hexOf(shown.filename).repeat(4),
      status: 'ready',
      message: '',
      tags: ['reboot'],
    };
    return { status: 200, payload: { data } };
  }

  return {
    handle(method, path, requestBody) {
      if (path === '/system/upgrade' && method === 'POST') return begin(requestBody);
      if (path === '/system/upgrade/file') return handleFile(method, requestBody);
      if (path !== '/system/upgrade/task') return null;
      if (method === 'POST') return begin(requestBody);
      return task === null
        ? apiError(404, 'task not found')
        : { status: 200, payload: { data: showTask(task) } };
    },
  };
}

/** 16 hexadecimal digits, as in ids of an AIG-302; always the same for the same text. */
function hexOf(text: string): string {
  return `${hashOf(text).toString(16)}${hashOf(`${text}.`).toString(16)}`.padStart(16, '0');
}
