import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'vue/compiler-sfc';
import { FORMS_WITHOUT_DRAFT } from '../support/forms-without-draft.js';
import { PROJECT_ROOT } from '../support/node-red-process.js';

const DASHBOARD = join(PROJECT_ROOT, 'nodes/dashboard');
const files = readdirSync(DASHBOARD, { recursive: true })
  .map((file) => String(file).replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.vue'))
  .sort();
const sources = new Map(files.map((file) => [file, partsOf(file)]));

/** Into which nothing is typed. */
const NOT_TYPED = /\btype="(checkbox|radio|file|hidden|button)"/;

function partsOf(file: string): { template: string; script: string } {
  const { descriptor } = parse(readFileSync(join(DASHBOARD, file), 'utf8'), { filename: file });
  return { template: descriptor.template?.content ?? '', script: descriptor.scriptSetup?.content ?? '' };
}

/** Whether a person types text in this component itself. */
function takesText({ template }: { template: string }): boolean {
  const fields = template.match(
    /<(input|textarea|v-text-field|v-textarea|v-combobox|v-autocomplete)\b[^>]*>/g,
  );
  return (fields ?? []).some((field) => !NOT_TYPED.test(field) && !/\breadonly\b/.test(field));
}

const keepsDraft = (file: string) => /\buseDraft\(/.test(sources.get(file)?.script ?? '');
const asks = (file: string) => /\buseUnsaved\(/.test(sources.get(file)?.script ?? '');
const typedIn = files.filter((file) => takesText(sources.get(file)!));

describe('forms of the dashboard', () => {
  for (const file of typedIn)
    it(`${file} keeps what is typed, or says why not`, () => {
      const why = FORMS_WITHOUT_DRAFT[file];
      if (why === undefined)
        expect(keepsDraft(file), 'useDraft, or a line in forms-without-draft.ts').to.equal(true);
      else if ('partOf' in why) expect(keepsDraft(why.partOf), why.partOf).to.equal(true);
      else if ('asks' in why) expect(asks(file), 'useUnsaved').to.equal(true);
      else expect(why.because).not.to.equal('');
    });

  it('that need no draft are forms in which something is typed', () => {
    expect(
      Object.keys(FORMS_WITHOUT_DRAFT).filter((file) => !typedIn.includes(file) || keepsDraft(file)),
    ).to.deep.equal([]);
  });

  it('that show a password or token once ask before it is lost', () => {
    const calls =
      /\bcall\('(people\.create|people\.setPassword|tokens\.create|registration\.(register|import)|gateways\.rotate(Many)?)'/;
    const keeps = /\b(useMadePasswords|keepPasswords)\b/;
    for (const file of files) {
      const { script, template } = sources.get(file)!;
      if (calls.test(script)) expect(keeps.test(script) || script.includes('made: ['), file).to.equal(true);
      // What the whole table of MQTT values shows is kept by the form around it.
      if (template.includes('data-secret') && !file.endsWith('MqttPage.vue'))
        expect(script, file).to.match(keeps);
    }
    // The page and the menu of accounts are on every page, so the question can be shown on every page.
    for (const file of ['client/components/PageTop.vue', 'ui-tpe-account/browser/AccountMenu.vue'])
      expect(sources.get(file)?.template).to.contain('<LeavingDialog />');
  });

  it('that have a draft say so, and forget it', () => {
    for (const file of files.filter(keepsDraft)) {
      const { template, script } = sources.get(file)!;
      expect(template, file).to.contain('<DraftNote');
      expect(script, file).to.match(/\.forget\(\)/);
    }
  });
});
