import { bytesField, doubleField, floatField, integerField, message, textField } from './protobuf';

/** A picture for TensorBoard's Images tab, already encoded as PNG. */
export interface TensorBoardImage {
  /** All bytes of the file. */
  png: Uint8Array;
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** 1 gray, 3 RGB, 4 RGBA. */
  channels: number;
}

/** Field numbers of TensorFlow's event.proto and summary.proto. */
const event = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const value = { tag: 1, simpleValue: 2, image: 4 } as const;
const image = { height: 1, width: 2, colorspace: 3, encoded: 4 } as const;
const summaryValue = 1;

/** The event every event file starts with. `seconds` since 1970. */
export const versionEvent = (seconds: number): Uint8Array =>
  message(doubleField(event.wallTime, seconds), textField(event.fileVersion, 'brain.Event:2'));

/** Encodes numbers by tag at one step. `seconds` since 1970. */
export const scalarsEvent = (seconds: number, step: number, scalars: Readonly<Record<string, number>>): Uint8Array =>
  summaryEvent(
    seconds,
    step,
    Object.entries(scalars).map(([tag, scalar]) =>
      message(textField(value.tag, tag), floatField(value.simpleValue, scalar)),
    ),
  );

/** Encodes one image under a tag at one step. `seconds` since 1970. */
export const imageEvent = (seconds: number, step: number, tag: string, picture: TensorBoardImage): Uint8Array =>
  summaryEvent(seconds, step, [
    message(
      textField(value.tag, tag),
      bytesField(
        value.image,
        message(
          integerField(image.height, picture.height),
          integerField(image.width, picture.width),
          integerField(image.colorspace, picture.channels),
          bytesField(image.encoded, picture.png),
        ),
      ),
    ),
  ]);

const summaryEvent = (seconds: number, step: number, values: Uint8Array[]): Uint8Array =>
  message(
    doubleField(event.wallTime, seconds),
    integerField(event.step, step),
    bytesField(event.summary, message(...values.map((bytes) => bytesField(summaryValue, bytes)))),
  );
