import { xml } from '@codemirror/lang-xml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { tags } from '@lezer/highlight'
import { useComputedColorScheme } from '@mantine/core'
import { basicSetup, EditorView } from 'codemirror'
import { useEffect, useEffectEvent, useRef } from 'react'

const colours = (dark: boolean) =>
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: tags.tagName, color: dark ? '#7cc4ff' : '#0b4a8f' },
      { tag: tags.attributeName, color: dark ? '#e6b673' : '#7a4100' },
      { tag: tags.attributeValue, color: dark ? '#9ed49a' : '#19602a' },
      { tag: tags.comment, color: dark ? '#a3adb8' : '#56616d', fontStyle: 'italic' },
    ]),
  )
const frame = (dark: boolean) =>
  EditorView.theme(
    {
      '&': { fontSize: '13px', border: '1px solid var(--mantine-color-default-border)', borderRadius: '4px', maxHeight: 'max(420px, calc(100dvh - 300px))' },
      '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', overflow: 'auto' },
      '.cm-gutters': { background: 'var(--mantine-color-body)', color: 'var(--mantine-color-dimmed)', border: 'none' },
      '.cm-content': { caretColor: 'var(--mantine-color-text)' },
    },
    { dark },
  )

type Props = { label: string; value: string; onChange: (value: string) => void; readOnly: boolean }

/** MJML with colours and line numbers. */
export function CodeEditor({ label, value, onChange, readOnly }: Props) {
  const place = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const dark = useComputedColorScheme() === 'dark'
  const change = useEffectEvent(onChange)
  const text = useEffectEvent(() => value)

  useEffect(() => {
    if (!place.current) return
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: text(),
        extensions: [
          basicSetup,
          xml(),
          colours(dark),
          frame(dark),
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorView.updateListener.of((update) => update.docChanged && change(update.state.doc.toString())),
        ],
      }),
    })
    editor.scrollDOM.tabIndex = 0 // a read-only editor still scrolls with the keyboard
    view.current = editor
    return () => editor.destroy()
  }, [dark, readOnly, label])

  useEffect(() => {
    const editor = view.current
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } })
  }, [value])

  return <div ref={place} />
}
