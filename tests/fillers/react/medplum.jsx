import { MantineProvider } from "@mantine/core";
import { MedplumClient } from "@medplum/core";
import { QuestionnaireForm } from "@medplum/react";
import { MedplumProvider } from "@medplum/react-hooks";
import { createRoot } from "react-dom/client";

let response;
globalThis.show = (questionnaire) =>
  createRoot(document.querySelector("#form")).render(
      <MedplumProvider medplum={new MedplumClient({ fetch: globalThis.fetch })}>
        <MantineProvider>
          <QuestionnaireForm
            questionnaire={questionnaire}
            onChange={(changed) => (response = changed)}
            onSubmit={(sent) => (response = sent)}
          />
        </MantineProvider>
      </MedplumProvider>,
  );
globalThis.written = () => response;
