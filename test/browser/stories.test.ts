import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { CHROMIUM, PICTURES } from '../support/chromium.js';
import { skipWithout } from '../support/programs.js';
import { PEOPLE, type StoryPerson } from '../support/story-people.js';
import { openStorySite, type StorySite } from '../support/story-site.js';
import * as commands from './stories/commands.js';
import * as finding from './stories/finding.js';
import * as forms from './stories/forms.js';
import * as oneGateway from './stories/one-gateway.js';
import * as updates from './stories/updates.js';

type Story = (site: StorySite, person: StoryPerson) => Promise<void>;

/** What operators do in a day. Each is acted out from the menu on, by clicks and keys, and ends with a picture to look at. */
const STORIES: Record<string, Story> = {
  'gives one gateway a static address, and changes nothing else of it': oneGateway.staticAddress,
  'sees from the first page who is offline at one site, and sends it to a colleague': finding.whoIsOffline,
  'goes anywhere by some letters': finding.anything,
  'gives all that match a tag, and finds them by it': finding.tagAll,
  'sends a command to many, of whom some are offline': commands.toMany,
  'asks who has restarted a gateway today': commands.whoRestarted,
  'asks why a gateway is offline, and disables another one': oneGateway.whyOffline,
  'sees why an update has failed, and tries it again': updates.failedForOne,
  'registers gateways of a file, and takes what to enter on them': forms.registerMany,
};

describe('dashboard: ten stories of a day', () => {
  let site: StorySite;

  before(async function () {
    skipWithout(this, 'chromium', CHROMIUM !== null);
    mkdirSync(PICTURES, { recursive: true });
    site = await openStorySite();
  });
  after(() => site?.close());

  const names = Object.keys(PEOPLE) as StoryPerson['name'][];

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    for (const name of names) {
      await site?.people[name].picture(`story-failed-${name}`);
      // The next story begins with nothing open.
      await site?.people[name].open('fleet');
    }
  });

  for (const [title, story] of Object.entries(STORIES)) {
    for (const name of names) {
      it(`${title}: ${name}`, async () => {
        const person = site.people[name];
        await story(site, person);
        await expectRoom(person);
        expect(await person.accessibilityFaults()).to.deep.equal([]);
        expect(person.faults).to.deep.equal([]);
      });
    }
  }

  it('keeps what is half typed through a reload and a restart of Node-RED: desktop and telephone', async () => {
    for (const name of names) await forms.halfType(site.people[name]);
    await site.restart();
    for (const name of names) {
      await forms.findHalfTyped(site.people[name]);
      await expectRoom(site.people[name]);
      expect(site.people[name].faults).to.deep.equal([]);
    }
  });

  /** Nothing is wider than the screen. */
  async function expectRoom({ page }: StoryPerson): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth')).to.equal(page.viewportSize()?.width);
  }
});
