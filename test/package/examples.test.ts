import { expect } from 'chai';
import { BUNDLED, EXAMPLES, type FlowNode, imported } from '../support/examples.js';

const isConfig = ({ type, z }: FlowNode) => z === undefined && type !== 'tab';
const wiresOf = (node: FlowNode) => ((node.wires as string[][] | undefined) ?? []).flat();

describe('package: examples', () => {
  it('have virtual gateways with names of their own', () => {
    const names = EXAMPLES.map(({ gateways }) => gateways.names);
    expect(new Set(['', 'virtual', ...names]).size).to.equal(names.length + 2);
    for (const { file, nodes } of EXAMPLES) {
      expect(nodes.filter(({ type }) => type === 'tpe-simulator').length, file).to.equal(1);
    }
  });

  it('share what has the same id with each other and with the flow of the pack: one server, one dashboard', () => {
    for (const { file, nodes } of EXAMPLES) {
      for (const node of nodes) {
        const others = [BUNDLED, ...EXAMPLES.filter((one) => one.nodes !== nodes).map((one) => one.nodes)];
        for (const other of others.flat().filter(({ id }) => id === node.id)) {
          expect(isConfig(node), `${file}: ${node.id}`).to.equal(true);
          expect(other, `${file}: ${node.id}`).to.deep.equal(node);
        }
      }
    }
    const all = imported(BUNDLED, ...EXAMPLES.map(({ nodes }) => nodes));
    for (const type of ['tpe-server', 'ui-base', 'ui-theme']) {
      expect(
        all.filter((node) => node.type === type).map(({ id }) => id),
        type,
      ).to.have.length(1);
    }
    for (const [type, field] of [
      ['ui-page', 'path'],
      ['http in', 'url'],
    ] as const) {
      const paths = all.filter((node) => node.type === type).map((node) => `${node.method} ${node[field]}`);
      expect(new Set(paths).size, type).to.equal(paths.length);
    }
  });

  for (const { file, nodes, tab } of EXAMPLES) {
    describe(file, () => {
      const placed = nodes.filter(({ z, type }) => z === tab.id && type !== 'group');
      const groups = nodes.filter(({ type }) => type === 'group');

      it('says what it is for, in groups that each begin with a comment', () => {
        expect(String(tab.info).length).to.be.greaterThan(30);
        for (const group of groups) {
          const members = placed.filter(({ g }) => g === group.id);
          expect(members.map(({ id }) => id)).to.have.members(group.nodes as string[]);
          expect(members.filter(({ type }) => type === 'comment').length, String(group.name)).to.equal(1);
        }
        expect(placed.filter(({ g }) => g === undefined)).to.deep.equal([]);
      });

      it('leads to nodes that are there, and shows what fails', () => {
        const ids = new Set(nodes.map(({ id }) => id));
        for (const node of placed) {
          const links = (node.links as string[] | undefined) ?? [];
          for (const id of [...wiresOf(node), ...links])
            expect(ids.has(id), `${node.id} -> ${id}`).to.equal(true);
        }
        const needsCatch = placed.some(({ type }) => type === 'tpe-command' || type === 'tpe-register');
        if (needsCatch) expect(placed.map(({ type }) => type)).to.include('catch');
        for (const { id } of nodes.filter(({ type }) => type === 'link out')) {
          const heard = nodes.filter(
            (node) => node.type === 'link in' && (node.links as string[]).includes(id),
          );
          expect(heard, id).to.not.be.empty;
        }
      });
    });
  }
});
