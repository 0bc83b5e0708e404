import { expect } from 'chai';
import { leftRunning, runningIn } from '../../../nodes/manager/well/running-apps.js';

describe('the applications that run on a gateway', () => {
  it('are those that are ready and in good health', () => {
    const data = [
      { name: 'device', state: 'ready', desiredState: 'ready', health: 'good', attributes: ['installed'] },
      { name: 'function', state: 'init', health: 'wait' },
      { name: 'web', state: 'ready', health: 'wait' },
      { name: 'cloud', state: 'ready' },
    ];
    expect(runningIn({ data })).to.deep.equal(['device', 'cloud']);
    expect(runningIn({ data: [] })).to.deep.equal([]);
  });

  it('are not known where the answer is something else', () => {
    for (const odd of [null, 'ready', 7, [], {}, { data: null }, { data: [{}] }, { data: [{ name: 7 }] }]) {
      expect(runningIn(odd), JSON.stringify(odd)).to.equal(null);
    }
    expect(runningIn({ data: Array(1001).fill({ name: 'a', state: 'ready' }) })).to.equal(null);
  });

  it('need not run again where the command stops them', () => {
    const apps = ['cloud', 'function'];
    const put = (path: string) => leftRunning(apps, { method: 'PUT', path });
    expect(put('/apps/function/stop')).to.deep.equal(['cloud']);
    expect(put('/apps/function/uninstall')).to.deep.equal(['cloud']);
    expect(put('/apps/function/restart')).to.deep.equal(apps);
    expect(put('/system/reboot')).to.deep.equal(apps);
  });
});
