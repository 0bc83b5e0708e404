import { expect } from 'chai';
import { LANGUAGES } from '../../nodes/api/words/languages.js';
import { operationWords } from '../../nodes/api/words/operation-words.js';
import { fieldLabels } from '../../nodes/manager/catalogue/field-labels.js';
import { OPERATIONS } from '../../nodes/manager/catalogue/operations.js';
import { taskOf } from '../../nodes/manager/catalogue/task-of.js';
import answerFields from '../../nodes/manager/catalogue/words/answer-fields.json';
import searchWords from '../../nodes/manager/catalogue/words/search-words.json';
import tasks from '../../nodes/manager/catalogue/words/tasks.json';

describe('package: words of the catalogue', () => {
  const categories = [...new Set(OPERATIONS.map(({ category }) => category))];
  /** The names that several operations of a category have. */
  const doubled = (say: (task: string) => string) => {
    const names = OPERATIONS.map((one) => `${one.category}: ${say(taskOf(one))}`);
    return names.filter((name, place) => names.indexOf(name) !== place);
  };

  it("say what each of TPEDM's own operations does, and of no other", () => {
    expect(Object.keys(tasks)).to.have.members(OPERATIONS.flatMap(({ id, tpedm }) => (tpedm ? id : [])));
    expect(OPERATIONS.map(taskOf).filter((task) => /^(GET|SET|POST|PUT|DELETE)\b/.test(task))).to.deep.equal(
      [],
    );
  });

  it('name each operation of a category in a way of its own', () => {
    expect(doubled((task) => task)).to.deep.equal([]);
  });

  it('are searched by paths and operations that there are', () => {
    const paths = Object.keys(searchWords.paths);
    expect(
      paths.filter((path) => !OPERATIONS.some((one) => `${one.path}/`.startsWith(`${path}/`))),
    ).to.deep.equal([]);
    const ids = new Set(OPERATIONS.map(({ id }) => id));
    expect(Object.keys(searchWords.operations).filter((id) => !ids.has(id))).to.deep.equal([]);
  });

  for (const language of LANGUAGES.filter((one) => one !== 'en-US')) {
    const words = operationWords(language);

    it(`are all there in ${language}, and no others`, () => {
      expect(Object.keys(words.categories)).to.have.members(categories);
      expect(Object.keys(words.tasks)).to.have.members([...new Set(OPERATIONS.map(taskOf))]);
      for (const part of [words.categories, words.tasks, words.fields]) {
        expect(Object.values(part).filter((text) => text.trim() === '')).to.deep.equal([]);
      }
    });

    it(`name each operation of a category in a way of its own in ${language}`, () => {
      expect(doubled((task) => words.tasks[task] ?? task)).to.deep.equal([]);
    });

    it(`have in ${language} each label of answers, and each label of the forms that people use most`, () => {
      const USED =
        /^\/(device\/(general|time|dns|ethernets|cellulars|serials)|system\/(sshserver|reboot|upgrade|httpserver)|users|apps)\b/;
      const titles = new Set(Object.values(answerFields));
      const look = (schema: unknown): void => {
        if (typeof schema !== 'object' || schema === null) return;
        const { title } = schema as { title?: unknown };
        if (typeof title === 'string') titles.add(title);
        for (const below of Object.values(schema)) look(below);
      };
      for (const one of OPERATIONS.filter(({ path }) => USED.test(path))) {
        look(one.bodySchema);
        look(one.parameters);
      }
      expect([...titles].filter((title) => !Object.hasOwn(words.fields, title))).to.deep.equal([]);
    });
  }

  it('label fields of answers by what forms call them', () => {
    expect(fieldLabels()).to.include({ hostName: 'Host name', netmask: 'Netmask', mac: 'MAC address' });
  });
});
