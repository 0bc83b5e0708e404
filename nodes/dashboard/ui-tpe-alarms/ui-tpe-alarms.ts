import { widgetModule } from '../server/widget-node.js';

export = widgetModule('ui-tpe-alarms');
