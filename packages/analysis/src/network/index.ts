export { gradientNorms, type LayerGradient } from './gradients';
export { type LayerResponse, layerResponses, rankResponses } from './responses';
