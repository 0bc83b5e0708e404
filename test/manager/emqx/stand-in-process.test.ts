import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { connectAsync } from 'mqtt';

const MAIN = join(__dirname, '../../support/emqx/main.js');

describe('EMQX stand-in: as a process of its own', () => {
  const start = (options: object) =>
    spawn(process.execPath, [MAIN, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] });

  it('prints where it is, serves, and goes with SIGTERM', async () => {
    const child = start({ version: '5.8', apiKey: 'k', apiSecret: 's' });
    try {
      const [line] = await once(child.stdout, 'data');
      const { mqttUrl, apiUrl } = JSON.parse(String(line));
      const client = await connectAsync(mqttUrl, { clientId: 'A', reconnectPeriod: 0 });
      expect((await fetch(`${apiUrl}/status`)).status).to.equal(200);
      await client.endAsync();
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await gone).to.deep.equal([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says what is wrong with its options', async () => {
    const child = start({ version: '7' });
    const [[text], [code]] = await Promise.all([once(child.stderr, 'data'), once(child, 'exit')]);
    expect(code).to.equal(1);
    expect(String(text)).to.contain('apiKey');
  });
});
