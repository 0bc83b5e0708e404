import type { Job } from '../../nodes/manager/jobs/job.js';
import type { OpenTestDatabase } from '../support/databases.js';
import type { DeathPoint } from '../support/death-point.js';
import type { ManagerProcess } from '../support/manager-process.js';
import type { CountingGateway } from './counting-gateway.js';
import { type GivenJob, type JobSite, openJobSite } from './job-site.js';

/** A site on which each test kills a manager. Servers, gateways and what is in the database stay from one test to the next. */
export interface KillSite {
  readonly site: JobSite;
  /** The manager that lives. */
  readonly manager: ManagerProcess;
  gateway(clientid: string): CountingGateway;
  /** Kills the manager, if it lives. Another one finds its heartbeat old and goes on, or the same one begins again. */
  succeed(): Promise<void>;
  /** Has a job begun whose manager dies at the point, and another one go on. Resolves with its id. */
  beginAndDie(definition: GivenJob, point: DeathPoint): Promise<string>;
  /** The same; resolves with the job when it is over. */
  over(definition: GivenJob, point: DeathPoint): Promise<Job>;
  /** Resolves with the job when it is over. */
  whenOver(id: string): Promise<Job>;
  /** Resolves when no gateway holds a slot. */
  untilNoSlots(): Promise<void>;
}

export interface KillSiteOptions {
  gateways: readonly string[];
  /** Another manager goes on, where several can be on one database. */
  isTakenOver: boolean;
}

/** Within a `describe`: the site, which is at rest when a test begins. Behind a test that failed it is another one. */
export function killSite(open: OpenTestDatabase, { gateways, isTakenOver }: KillSiteOptions): KillSite {
  const instances = isTakenOver && open.kind === 'postgresql' ? ['one', 'two'] : ['one'];
  let site: JobSite | null = null;
  let manager: ManagerProcess;

  async function openAnew(): Promise<JobSite> {
    const opened = await openJobSite(await open.options(), { instances, gateways });
    const [first, ...others] = opened.managers;
    for (const other of others) await other.kill();
    manager = first!;
    return opened;
  }

  /** What tests before have left is over, and everybody is there. */
  async function beAtRest(opened: JobSite): Promise<void> {
    for (const gateway of opened.gateways.values()) gateway.reset();
    await opened.until('all gateways to be online', async () => {
      const { online } = await manager.call<{ online: number }>('registry', 'counts', {});
      return online === gateways.length;
    });
    await rig.untilNoSlots();
    await opened.until('no command to be open', async () => {
      const [sent, queued] = await Promise.all(
        ['SENT', 'QUEUED'].map((state) => manager.call<unknown[]>('commands', 'list', { state, limit: 1 })),
      );
      return sent!.length + queued!.length === 0;
    });
    opened.received.length = 0;
  }

  beforeEach(async () => {
    site ??= await openAnew();
    await beAtRest(site);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'passed') return;
    const failed = site;
    site = null;
    await failed?.close();
  });
  after(() => site?.close());

  const rig: KillSite = {
    get site() {
      return site!;
    },
    get manager() {
      return manager;
    },
    gateway: (clientid) => site!.gateways.get(clientid)!,
    async succeed() {
      await manager.kill();
      const successor = site!.managers.find((one) => one !== manager) ?? manager;
      if (successor !== manager)
        await site!.sql("update tpe_instance set seen_at = now() - interval '10 minutes'");
      manager = successor;
      await manager.begin();
    },
    async beginAndDie(definition, point) {
      const dying = manager;
      await dying.dieAt(point);
      const begun = rig.site.begin(definition);
      begun.catch(() => undefined);
      await rig.site.until('the manager to die', () => !dying.isAlive());
      await rig.succeed();
      return await begun;
    },
    over: async (definition, point) => await rig.whenOver(await rig.beginAndDie(definition, point)),
    whenOver: (id) => rig.site.when(id, ({ state }) => state === 'COMPLETED'),
    untilNoSlots: () =>
      rig.site.until('all slots to come back', async () => {
        const { items } = await manager.call<{ items: unknown[] }>('guard', 'holds', {});
        return items.length === 0;
      }),
  };
  return rig;
}
