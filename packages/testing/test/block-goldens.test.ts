import '@tensorflow/tfjs';
import { blockGoldens } from '@resnet/testing';

blockGoldens('cpu');
