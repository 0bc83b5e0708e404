import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.js';
import { hurried } from './hurried.js';
import { type NodeRedProcess, startNodeRed } from './node-red-process.js';
import { type RestCaller, restCaller } from './rest-caller.js';
import { openSimulate } from './simulate.js';
import { openStoryPerson, type StoryPerson } from './story-people.js';

/** Where the stories take place: a fleet at three sites, and the two people who look after it. */
export interface StorySite {
  readonly nodeRed: NodeRedProcess;
  readonly browser: Browser;
  readonly rest: RestCaller;
  readonly people: Record<StoryPerson['name'], StoryPerson>;
  /** Tells virtual gateways what to do: `{ action: 'disconnect', clientid }`. */
  simulate(msg: object): Promise<void>;
  /** Node-RED as a browser elsewhere finds it: by the name of its machine. */
  door(): NodeRedProcess;
  /** Node-RED ends, and another one begins with the same data and at the same address. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The name of the machine that they run on. */
export const HOST = 'gateways.example';
export const FLEET = 60;
/** Gateways are named by their number, and each third one is at the same site. */
export const SITES = ['North plant', 'South plant', 'Water works'] as const;
export const AWAY = ['virtual-0003', 'virtual-0006', 'virtual-0009', 'virtual-0010'] as const;
/** Of those who are away. */
export const AWAY_AT_WATER_WORKS = AWAY.slice(0, 3);
export const NIGHTLY = 'Nightly check of disks';
/** So that a gateway that has restarted is soon well, and the next of its site may be disturbed. */
const WELL_MS = 500;

/** It listens to others than this machine, too, so it may have any name. */
const env = () => ({ ...hurried(200, WELL_MS), TPE_HOST: '0.0.0.0', TPE_SIMULATED_GATEWAYS: String(FLEET) });

export async function openStorySite(): Promise<StorySite> {
  let [nodeRed, browser] = await Promise.all([startNodeRed({ env: env() }), launchChromium({ host: HOST })]);
  const rest = restCaller(nodeRed);
  const online = (n: number) =>
    rest.until('/api/device', ({ data }) => {
      const there = (data as { status: string; model_name: string | null }[]).filter(
        ({ status, model_name }) => status === 'online' && model_name,
      );
      return there.length === n;
    });
  await online(FLEET);
  const simulate = await openSimulate(nodeRed);
  for (const clientid of AWAY) await simulate({ action: 'disconnect', clientid });
  await online(FLEET - AWAY.length);
  await rest.call('POST', '/api/job', {
    name: NIGHTLY,
    do: { command: { method: 'GET', path: '/device/general' } },
    targets: { filter: { site: SITES[1] } },
  });
  const door = (): NodeRedProcess => ({ ...nodeRed, url: nodeRed.url.replace('127.0.0.1', HOST) });
  const people = {
    desktop: await openStoryPerson(browser, door(), 'desktop'),
    telephone: await openStoryPerson(browser, door(), 'telephone'),
  };
  return {
    get nodeRed() {
      return nodeRed;
    },
    ...{ browser, rest, people, simulate, door },
    async restart() {
      const { dataDir, adminPassword, token, mqttPort, url } = nodeRed;
      await nodeRed.stop();
      nodeRed = await startNodeRed({
        dataDir,
        env: {
          ...env(),
          PORT: new URL(url).port,
          TPE_MQTT_PORT: String(mqttPort),
          TPE_ADMIN_PASSWORD: adminPassword,
          TPE_API_TOKEN: token,
        },
      });
    },
    async close() {
      await browser.close();
      await nodeRed.stop();
    },
  };
}
