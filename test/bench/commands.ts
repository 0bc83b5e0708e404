import { type Asker, type Round, startAsker } from './asking.js';
import { openCommandBroker } from './command-broker.js';
import { bareDatabase, GATEWAYS, PAST, siteDatabase } from './command-databases.js';
import { below, type Figure, median } from './figure.js';
import { startScript } from './load.js';

const IN_FLIGHT = [1, 8, 64, 512] as const;
const ROUNDS = 3;
const MEASURED_MS = 1500;

interface Turn {
  ours: Round;
  limit: Round;
}

/**
 * Commands that are recorded in PostgreSQL before they are sent and when they are answered, over a real broker, against a bare mqtt.js
 * client that sends the same requests to the same gateways, waits for the answers, and commits a narrow row before and after, by
 * commits that those in flight share; by turns. Manager, limit, gateways and broker have a process each.
 */
export async function benchCommands(): Promise<Figure[]> {
  const broker = await openCommandBroker();
  console.log(`commands go over ${broker.name}`);
  const { environment } = broker;
  const gateways = await startScript('answering-gateways.js', { ...environment, COUNT: String(GATEWAYS) });
  const limit = await startAsker('bare-commands.js', {
    ...environment,
    ...{ DATABASE_URL: await bareDatabase(), PAST: String(PAST) },
  });
  const ours = await startAsker('managed-commands.js', {
    ...environment,
    DATABASE_URL: await siteDatabase(),
  });
  for (const asker of [limit, ours]) await warmUp(asker);
  const figures: Figure[] = [];
  for (const count of IN_FLIGHT) {
    const turns: Turn[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      turns.push({
        ours: await ours.measure(count, MEASURED_MS),
        limit: await limit.measure(count, MEASURED_MS),
      });
    }
    figures.push(...figuresAt(count, turns));
  }
  await ours.close();
  await limit.close();
  await gateways.close();
  await broker.close();
  return figures;
}

/** A process is as quick as it gets once its code is compiled. */
async function warmUp(asker: Asker): Promise<void> {
  await asker.measure(GATEWAYS, 2 * MEASURED_MS);
  await asker.measure(1, MEASURED_MS / 3);
}

function figuresAt(count: number, turns: readonly Turn[]): Figure[] {
  const of = (who: keyof Turn, value: (round: Round) => number) =>
    median(turns.map((turn) => value(turn[who])));
  const against = (value: (round: Round) => number) =>
    median(turns.map(({ ours, limit }) => value(ours) / value(limit)));
  const figure = (what: string, value: number, unit: string, goal?: Figure['goal']): Figure => ({
    ...{ what: `${count} in flight: ${what}`, value, unit },
    ...(goal && { goal }),
  });
  const medianOf = (round: Round) => round.median;
  const p99Of = ({ p99 }: Round) => p99;
  const perSecondOf = ({ perSecond }: Round) => perSecond;
  const cpuOf = ({ cpu }: Round) => cpu;
  return [
    figure('round trip, median', of('ours', medianOf), 'ms'),
    figure('… of the limit, bare mqtt.js with two shared commits', of('limit', medianOf), 'ms'),
    figure('… against the limit', against(medianOf), 'x', below(3)),
    figure('round trip, slowest of 100', of('ours', p99Of), 'ms'),
    figure('… against the limit, slowest of 100', against(p99Of), 'x'),
    figure('commands', of('ours', perSecondOf), '/s'),
    figure('commands, against the limit', 100 * against(perSecondOf), '%'),
    figure('CPU of the manager for each', of('ours', cpuOf), 'µs'),
    figure('CPU of the limit for each', of('limit', cpuOf), 'µs'),
  ];
}
