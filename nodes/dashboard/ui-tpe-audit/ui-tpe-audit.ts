import { widgetModule } from '../widget-node.js';

export = widgetModule('ui-tpe-audit');
