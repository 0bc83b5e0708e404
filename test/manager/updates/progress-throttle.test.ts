import { mock } from 'node:test';
import { expect } from 'chai';
import type { Installation } from '../../../nodes/manager/updates/install/installation.js';
import { createProgressThrottle } from '../../../nodes/manager/updates/install/progress-throttle.js';

const EVERY_MS = 500;

describe('installing software: how often progress is told', () => {
  const told: string[] = [];
  const throttle = createProgressThrottle(EVERY_MS, ({ step, progress }) => told.push(`${step} ${progress}`));
  const tell = (step: string, progress: number, state = 'IN_PROGRESS', id = '1') =>
    throttle.tell({ id, state, step, progress } as Installation);

  beforeEach(() => {
    told.length = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    throttle.close();
    mock.timers.reset();
  });

  it('is at most once in a while within a step, and then the newest', () => {
    for (const progress of [0, 10, 20, 30]) tell('download', progress);
    expect(told).to.deep.equal(['download 0']);
    mock.timers.tick(EVERY_MS - 1);
    expect(told).to.deep.equal(['download 0']);
    mock.timers.tick(1);
    expect(told).to.deep.equal(['download 0', 'download 30']);
    tell('download', 40);
    mock.timers.tick(EVERY_MS - 1);
    expect(told).to.have.length(2);
    mock.timers.tick(1);
    expect(told.at(-1)).to.equal('download 40');
  });

  it('is at once for a new step and for the end, and nothing older comes behind it', () => {
    tell('download', 0);
    tell('download', 90);
    tell('install', 0);
    tell('install', 50);
    tell('install', 100, 'SUCCEEDED');
    expect(told).to.deep.equal(['download 0', 'install 0', 'install 100']);
    mock.timers.tick(10 * EVERY_MS);
    expect(told).to.have.length(3);
  });

  it('is counted for each installation by itself', () => {
    tell('download', 0, 'IN_PROGRESS', '1');
    tell('download', 5, 'IN_PROGRESS', '2');
    expect(told).to.deep.equal(['download 0', 'download 5']);
  });
});
