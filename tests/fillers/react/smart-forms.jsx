import { SmartFormsRenderer, getResponse } from "@aehrc/smart-forms-renderer";
import { createRoot } from "react-dom/client";

globalThis.show = (questionnaire) =>
  createRoot(document.querySelector("#form")).render(
    <SmartFormsRenderer questionnaire={questionnaire} />,
  );
globalThis.written = getResponse;
