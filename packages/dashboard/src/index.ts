export { type ExportOptions, exportDashboard } from './export';
export { type Dashboard, type DashboardOptions, startDashboard } from './server/server';
export { keptToken, newToken } from './server/token';
