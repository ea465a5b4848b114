import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useText } from "../context";
import { Button, IconButton } from "./button";
import { classes } from "./classes";
import styles from "./controls.module.css";

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly role?: "dialog" | "alertdialog";
  readonly children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, wide, role, children }: DialogProps) {
  const text = useText();
  return (
    <ModalOverlay
      className={styles.scrim ?? ""}
      isOpen={isOpen}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      isDismissable={role !== "alertdialog"}
    >
      <Modal className={classes(styles.modal, wide && styles.modalWide)}>
        <AriaDialog className={styles.dialog ?? ""} role={role ?? "dialog"}>
          <div className={styles.dialogHead}>
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            {role === "alertdialog" ? null : (
              <IconButton name={text.common.close} onPress={onClose}>
                <X size={18} aria-hidden />
              </IconButton>
            )}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly run: () => void;
}

/** Asks once, naming what will be lost.  The safe answer has the focus. */
export function Confirm({ question, onClose }: { question: Question | null; onClose: () => void }) {
  const text = useText();
  return (
    <Dialog title={question?.title ?? ""} isOpen={question !== null} onClose={onClose} role="alertdialog">
      <p className={styles.dialogText}>{question?.text}</p>
      <div className={styles.actions}>
        <Button onPress={onClose} autoFocus>
          {text.common.cancel}
        </Button>
        <Button
          tone="danger"
          testId="confirm"
          onPress={() => {
            question?.run();
            onClose();
          }}
        >
          {question?.action}
        </Button>
      </div>
    </Dialog>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

export function DialogText({ children }: { children: ReactNode }) {
  return <p className={styles.dialogText}>{children}</p>;
}

export function Fault({ children }: { children: ReactNode }) {
  return (
    <p className={styles.fault} role="alert">
      {children}
    </p>
  );
}
