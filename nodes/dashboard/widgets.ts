import './client/style.css';
import AccountMenu from './ui-tpe-account/browser/AccountMenu.vue';
import AlarmsPage from './ui-tpe-alarms/browser/AlarmsPage.vue';
import AuditTrail from './ui-tpe-audit/browser/AuditTrail.vue';
import CommandConsole from './ui-tpe-commands/browser/CommandConsole.vue';
import FleetOverview from './ui-tpe-fleet/browser/FleetOverview.vue';
import GatewayPage from './ui-tpe-gateway/browser/GatewayPage.vue';
import GatewaysTable from './ui-tpe-gateways/browser/GatewaysTable.vue';
import JobsPage from './ui-tpe-jobs/browser/JobsPage.vue';
import RegisterGateways from './ui-tpe-register/browser/RegisterGateways.vue';
import SoftwareUpdates from './ui-tpe-updates/browser/SoftwareUpdates.vue';
import UserList from './ui-tpe-users/browser/UserList.vue';

// The dashboard looks up each widget's component in a global variable that is named like the node type. The names of the components are in
// `node-red-dashboard-2.widgets` in package.json.
Object.assign(window, {
  'ui-tpe-account': { AccountMenu },
  'ui-tpe-alarms': { AlarmsPage },
  'ui-tpe-audit': { AuditTrail },
  'ui-tpe-commands': { CommandConsole },
  'ui-tpe-fleet': { FleetOverview },
  'ui-tpe-gateway': { GatewayPage },
  'ui-tpe-gateways': { GatewaysTable },
  'ui-tpe-jobs': { JobsPage },
  'ui-tpe-register': { RegisterGateways },
  'ui-tpe-updates': { SoftwareUpdates },
  'ui-tpe-users': { UserList },
});
