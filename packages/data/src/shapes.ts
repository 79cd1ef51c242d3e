export { drawShapes, type ShapeImages, type ShapesOptions, shapeClasses, shapeSize } from './draw-shapes';
