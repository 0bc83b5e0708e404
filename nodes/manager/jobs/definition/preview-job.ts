import type { OperationSet } from '../../catalogue/operation-set.js';
import { needsConfirmation } from '../../catalogue/risk.js';
import type { Guard } from '../../guard/guard.js';
import type { Device } from '../../registry/device.js';
import type { Registry } from '../../registry/registry.js';
import { filterOf, type Targets } from '../../registry/targets.js';
import { yieldToEventLoop } from '../../shared/yield-to-event-loop.js';
import type { Sites } from '../../sites/sites.js';
import type { Updates } from '../../updates/scan/updates.js';
import type { JobPreview } from '../job.js';
import { type JobStep, MAX_TARGETS } from './definition.js';
import { typicalSeconds } from './durations.js';
import { mostGateways, mostShown, tooManyGateways } from './filling-work.js';
import { createTargetsHash } from './hash.js';
import { awaitsRestart } from './leaves-restarting.js';
import { type Load, loadOf, newestPlans } from './newest-plans.js';
import { createOrder } from './order.js';
import type { ParsedJob } from './parse-job.js';
import { createPreviewCounts } from './preview-counts.js';
import { fewerThanAsked, limitsOf, secondsAtLeast } from './preview-limits.js';
import { shutFor } from './preview-windows.js';
import { createWhyNot, type NamedJob, requestsFor } from './why-not.js';

/** How many gateways are shown with what they would be sent. */
const SHOWN = 20;
/** Client ids that the registry is asked for at once. */
const AT_ONCE = 1000;
const NOTHING: Load = { packages: 0, bytes: 0 };
/** What is assumed of an installation of the newest software where no scan has found any. */
const NOT_KNOWN: Load = { packages: 1, bytes: null };

export interface PreviewOptions {
  registry: Pick<Registry, 'each' | 'counts'>;
  catalogue: OperationSet;
  updates: Pick<Updates, 'results'>;
  guard: Pick<Guard, 'fewerAllowed'>;
  sites: Pick<Sites, 'shutNow'>;
}

/** What is to be carried out, added up over all gateways that would be reached. */
interface Work {
  seconds: number;
  bytes: number | null;
}

/**
 * Says what a job would do, without writing anything. The registry is read page by page; of each gateway no more is kept than its client
 * id. Rejects with INVALID_INPUT for more than MAX_TARGETS gateways, and as the registry does.
 */
export async function previewJob(parsed: ParsedJob, options: PreviewOptions): Promise<JobPreview> {
  const { definition, steps, pace, rating, hash, values } = parsed;
  const job: NamedJob = { id: '0', name: definition.name };
  const most = await refuseTooMany(parsed, options.registry);
  const whyNot = createWhyNot(steps, options.catalogue);
  const loads = await loadsOf(parsed, options);
  const awaited = new Set(steps.filter((step) => awaitsRestart(step, options.catalogue)));
  const counts = createPreviewCounts();
  const order = createOrder(hash);
  const first = createFirst<Device>(mostShown(steps, SHOWN));
  const work: Work = { seconds: 0, bytes: 0 };

  for await (const { clientid, device } of candidates(options.registry, parsed.targets)) {
    await yieldToEventLoop();
    const place = order.add(clientid);
    if (order.size() > most) throw tooManyGateways(most);
    const reason = whyNot(device, values?.get(clientid) ?? null, job);
    if (device === null || reason !== null) {
      if (reason !== null) counts.leftOut(clientid, reason);
      continue;
    }
    counts.reached(device);
    first.add(place, device);
    addWork(work, parsed, loads(clientid), awaited);
  }
  const counted = counts.counted();
  await yieldToEventLoop();
  const inOrder = order.sorted();
  const fewer = await fewerThanAsked(parsed, counts, counted.reached, options.guard);
  const seconds = secondsAtLeast(pace, counts, counted.reached, work.seconds, fewer);
  return {
    ...counted,
    ...rating,
    ...{
      steps,
      pace,
      limits: limitsOf(pace, fewer),
      shut: await shutFor(parsed, counts.by.site, options),
      seconds,
      bytes: work.bytes,
      bytesPerSecond: perSecond(work.bytes, seconds),
    },
    hash: await hashInOrder(hash, inOrder),
    bodies: await bodiesFor(first.items(), parsed, job, options.catalogue),
    confirmation: needsConfirmation(rating) ? String(counted.total) : null,
  };
}

/**
 * Throws INVALID_INPUT if so much is filled for each gateway that it would take too long for all of them, before any is filled; resolves with
 * how many there can be.
 */
async function refuseTooMany(
  { steps, targets }: ParsedJob,
  registry: PreviewOptions['registry'],
): Promise<number> {
  const most = mostGateways(steps);
  // How many there are is found out on the way.
  if (most === MAX_TARGETS) return most;
  const filter = filterOf(targets);
  const found = filter.clientids?.length ?? (await registry.counts(filter)).total;
  if (found > most) throw tooManyGateways(most);
  return most;
}

async function bodiesFor(
  devices: readonly Device[],
  { steps, values }: ParsedJob,
  job: NamedJob,
  catalogue: OperationSet,
): Promise<JobPreview['bodies']> {
  const bodies: JobPreview['bodies'] = [];
  for (const gateway of devices) {
    await yieldToEventLoop();
    const { clientid } = gateway;
    const sources = { gateway, values: values?.get(clientid) ?? {}, job };
    bodies.push({ clientid, requests: requestsFor(steps, sources, catalogue) });
  }
  return bodies;
}

/** All gateways that a job is meant for, each once; `device` is null for a client id that is not registered. */
async function* candidates(
  registry: Pick<Registry, 'each'>,
  targets: Targets,
): AsyncGenerator<{ clientid: string; device: Device | null }> {
  if (targets.kind !== 'list' && targets.kind !== 'one') {
    for await (const device of registry.each(filterOf(targets))) yield { clientid: device.clientid, device };
    return;
  }
  await yieldToEventLoop();
  const clientids = filterOf(targets).clientids ?? [];
  for (let begin = 0; begin < clientids.length; begin += AT_ONCE) {
    const asked = clientids.slice(begin, begin + AT_ONCE);
    const found = new Set<string>();
    for await (const device of registry.each({ clientids: asked })) {
      found.add(device.clientid);
      yield { clientid: device.clientid, device };
    }
    for (const clientid of asked) if (!found.has(clientid)) yield { clientid, device: null };
  }
}

/** What all installations of a job load on each gateway. */
async function loadsOf(
  { steps }: ParsedJob,
  { updates }: PreviewOptions,
): Promise<(clientid: string) => { newest: Load; bytes: number | null }> {
  const installs = steps.flatMap((step) => (step.kind === 'install' ? [step.install] : []));
  const given = installs.map(({ packages }) =>
    packages ? loadOf(packages as { size: number | null }[]) : null,
  );
  const fixed = given.reduce<number | null>((sum, load) => plus(sum, load === null ? 0 : load.bytes), 0);
  const isNewest = installs.some(({ to }) => to === 'newest');
  const plans = isNewest ? await newestPlans(updates) : null;
  return (clientid) => {
    if (plans === null) return { newest: NOTHING, bytes: fixed };
    const newest = plans.size === 0 ? NOT_KNOWN : (plans.get(clientid) ?? NOTHING);
    return { newest, bytes: plus(fixed, newest.bytes) };
  };
}

function addWork(
  work: Work,
  { steps }: ParsedJob,
  { newest, bytes }: { newest: Load; bytes: number | null },
  awaited: ReadonlySet<JobStep>,
): void {
  for (const step of steps) work.seconds += typicalSeconds(step, newest.packages, awaited.has(step));
  work.bytes = plus(work.bytes, bytes);
}

function plus(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function perSecond(bytes: number | null, seconds: number): number | null {
  return bytes === null || seconds === 0 ? null : bytes / seconds;
}

/** The hash of a preview: of the definition, and of its gateways in their order. */
export async function hashInOrder(hash: string, clientids: readonly string[]): Promise<string> {
  const all = createTargetsHash(hash);
  for (const clientid of clientids) {
    await yieldToEventLoop();
    all.add(clientid);
  }
  return all.digest();
}

/** Keeps the items with the lowest places, so many at most. */
function createFirst<Item>(most: number) {
  const kept: { place: number; item: Item }[] = [];
  return {
    add(place: number, item: Item): void {
      if (kept.length === most && place >= kept[most - 1]!.place) return;
      const index = kept.findIndex((one) => one.place > place);
      kept.splice(index === -1 ? kept.length : index, 0, { place, item });
      if (kept.length > most) kept.pop();
    },
    items: () => kept.map(({ item }) => item),
  };
}
