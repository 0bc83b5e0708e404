import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { parse } from 'vue/compiler-sfc';
import { PROJECT_ROOT } from '../support/node-red-process.js';

type Descriptor = ReturnType<typeof parse>['descriptor'];
type Root = NonNullable<NonNullable<Descriptor['template']>['ast']>;
type Child = Root['children'][number];
type Element = Extract<Child, { tag: string; props: unknown }>;

const DASHBOARD = join(PROJECT_ROOT, 'nodes/dashboard');
const files = readdirSync(DASHBOARD, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.vue'))
  .sort();
const imported = new Set<string>();
const components = new Map(files.map((file) => [join(DASHBOARD, file), componentIn(join(DASHBOARD, file))]));

interface Component {
  children: readonly Child[];
  /** The components that its template may name, by name. */
  uses: ReadonlyMap<string, string>;
}

function componentIn(file: string): Component {
  const { descriptor } = parse(readFileSync(file, 'utf8'), { filename: file });
  const imports = (descriptor.scriptSetup?.content ?? '').matchAll(/import (\w+) from '(\.[^']+\.vue)'/g);
  const uses = new Map(
    [...imports].map(([, name = '', from = '']) => [name, resolve(dirname(file), from)] as const),
  );
  for (const used of uses.values()) imported.add(used);
  return { children: descriptor.template?.ast?.children ?? [], uses };
}

const isElement = (node: Child): node is Element => 'tag' in node && 'props' in node;

/** What an element has of a directive or an attribute: `v-if`, `:value`, `@input`, `type`; undefined if it has none. */
function given(element: Element, name: string): string | undefined {
  for (const prop of element.props) {
    if (!('exp' in prop)) {
      if (prop.name === name) return prop.value?.content ?? '';
    } else if (prop.rawName?.split('.')[0] === name) return prop.exp?.loc.source ?? '';
  }
  return undefined;
}

function everyElement(children: readonly Child[]): Element[] {
  return children.filter(isElement).flatMap((one) => [one, ...everyElement(one.children)]);
}

/** Says where headings leave a level out, also across components and wherever a condition leaves a heading out. */
function skippedIn(file: string, before: number, faults: Set<string>): number {
  const component = components.get(file);
  if (component === undefined) return before;

  const within = (children: readonly Child[], first: number): number => {
    let level = first;
    let branches: number[] = [];
    for (const element of children.filter(isElement)) {
      const isFirst = given(element, 'v-if') !== undefined;
      const isLast = given(element, 'v-else') !== undefined;
      const isBranch = isFirst || isLast || given(element, 'v-else-if') !== undefined;
      if (!isBranch || isFirst) branches = [];
      const after = of(element, level);
      if (!isBranch) level = given(element, 'v-for') === undefined ? after : Math.min(level, after);
      else branches.push(after);
      // Only where one of the branches is there in any case.
      if (isLast) level = Math.min(...branches);
    }
    return level;
  };
  const of = (element: Element, level: number): number => {
    const [, heading] = /^h([1-6])$/.exec(element.tag) ?? [];
    if (heading !== undefined) {
      if (Number(heading) > level + 1)
        faults.add(`${file.slice(DASHBOARD.length + 1)}: ${element.loc.source}`);
      return Number(heading);
    }
    // A dialog has the page to itself, whose title it follows.
    if (element.tag === 'v-dialog') {
      within(element.children, 1);
      return level;
    }
    const used = component.uses.get(element.tag);
    return within(element.children, used === undefined ? level : skippedIn(used, level, faults));
  };
  return within(component.children, before);
}

/** What leads to another page and cannot be a link alone, and why. */
const GOES_BY_ITSELF = {
  'ui-tpe-account/browser/FindPalette.vue': 'Enter in the field goes to what is chosen, which is a link',
  'ui-tpe-gateways/browser/GatewaysTable.vue': 'a click beside the link of a row opens it, too',
  'ui-tpe-jobs/browser/JobsPage.vue': 'what was begun or removed is followed by its page',
};

describe('pages of the dashboard', () => {
  it('have headings that leave no level out, whatever of them is there', () => {
    const faults = new Set<string>();
    // Each page has a title of the first level.
    for (const file of components.keys()) if (!imported.has(file)) skippedIn(file, 1, faults);
    expect([...faults]).to.deep.equal([]);
  });

  it('put nothing back into a field while somebody types', () => {
    // What is new in the fleet draws a page again, and with it each value that is bound.
    const faults = [...components].flatMap(([file, { children }]) =>
      everyElement(children)
        .filter(({ tag }) => tag === 'input' || tag === 'textarea')
        .filter((field) => !['checkbox', 'radio', 'file'].includes(given(field, 'type') ?? ''))
        .filter((field) => given(field, ':value') !== undefined && given(field, '@input') === undefined)
        .filter((field) => given(field, 'readonly') === undefined)
        .map((field) => `${file.slice(DASHBOARD.length + 1)}: ${field.loc.source}`),
    );
    expect(faults).to.deep.equal([]);
  });

  it('lead to other pages by links, which open in a tab of their own and can be copied', () => {
    const going = [...components.keys()]
      .filter((file) => /\bgoTo\(|\$?router\.push\(/.test(readFileSync(file, 'utf8')))
      .map((file) => file.slice(DASHBOARD.length + 1));
    expect(going).to.have.members(Object.keys(GOES_BY_ITSELF));
  });
});
