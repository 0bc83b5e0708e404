import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { metricsIn } from '../../support/metrics.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../../support/node-red-process.js';

const METRICS_TOKEN = 'for-prometheus-alone';

describe('/metrics of a started Node-RED', () => {
  let nodeRed: NodeRedProcess;
  before(async () => {
    nodeRed = await startNodeRed({ env: { TPE_METRICS_TOKEN: METRICS_TOKEN } });
  });
  after(() => nodeRed?.stop());

  // Each on a connection of its own: one that idles while the database is made is closed by the server.
  const ask = (token?: string, path = '/metrics') =>
    fetch(nodeRed.url + path, {
      headers: { connection: 'close', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    });
  const scrape = async () => metricsIn(await (await ask(METRICS_TOKEN)).text());

  it('shows nothing without a token, and says what to send', async () => {
    for (const token of [undefined, 'wrong', '']) {
      const response = await ask(token);
      expect(response.status).to.equal(401);
      expect(response.headers.get('www-authenticate')).to.match(/^Bearer/);
      expect(await response.text())
        .to.include('TPE_METRICS_TOKEN')
        .and.not.include('tpedm_');
    }
  });

  it('lets Prometheus in with its own token, which opens nothing else, and with the API token', async () => {
    expect((await ask(METRICS_TOKEN)).status).to.equal(200);
    expect((await ask(nodeRed.token)).status).to.equal(200);
    expect((await ask(METRICS_TOKEN, '/api/device')).status).to.equal(401);
  });

  it('tells of the fleet and of the process', async () => {
    const server = 'server="This device manager"';
    await until(async () => (await scrape()).get(`tpedm_gateways{status="online",${server}}`) === 12);
    const metrics = await scrape();
    expect(metrics.get(`tpedm_up{part="broker",${server}}`)).to.equal(1);
    expect(metrics.get('process_resident_memory_bytes')).to.be.greaterThan(1e7);
    expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).to.be.at.least(0);
  });

  it('has all that the dashboard for Grafana asks for', async () => {
    const text = await (await ask(METRICS_TOKEN)).text();
    const described = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
    // These appear with webhooks alone; the tests of the manager look for them.
    const withWebhooks = ['tpedm_webhooks_total', 'tpedm_webhooks_waiting'];
    const dashboard = readFileSync(join(PROJECT_ROOT, 'docker/grafana/tpedm.json'), 'utf8');
    const asked = new Set(dashboard.match(/\b(tpedm|nodejs|process)_[a-z0-9_]+/g));
    expect(asked.size).to.be.greaterThan(20);
    const missing = [...asked]
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
      .filter((name) => !described.has(name) && !withWebhooks.includes(name));
    expect(missing).to.deep.equal([]);
  });

  it('is described in docker/README.md, every one of ours', async () => {
    const text = await (await ask(METRICS_TOKEN)).text();
    const readme = readFileSync(join(PROJECT_ROOT, 'docker/README.md'), 'utf8');
    const ours = [...text.matchAll(/^# TYPE (tpedm_\S+)/gm)].map(([, name]) => name!);
    expect(ours).to.not.be.empty;
    expect(ours.filter((name) => !readme.includes(`\`${name}\``))).to.deep.equal([]);
  });
});

/** Gateways come online in their own time. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 100));
}
