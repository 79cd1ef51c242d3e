import { script, style } from 'page:page/app';
import { chartStyle } from '@resnet/charts/page';

/** The page's script, with everything that it imports. */
export const pageScript: string = script;

/** The page's style sheet, that of its charts included. */
export const pageStyle: string = `${chartStyle}\n${style}`;
