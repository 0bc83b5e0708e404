import GatewaysTable from './ui-tpe-gateways/browser/GatewaysTable.vue';

// The dashboard looks for each widget's component in a global named as its node type: `node-red-dashboard-2.widgets` in
// package.json.
Object.assign(window, {
  'ui-tpe-gateways': { GatewaysTable },
});
