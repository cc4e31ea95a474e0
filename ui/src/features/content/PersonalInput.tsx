import { Textarea, TextInput, type TextInputProps } from '@mantine/core'
import { useRef } from 'react'
import { spliced } from './model'
import { VariablePicker } from './VariablePicker'

type Props = {
  label: string
  value: string
  onChange: (value: string) => void
  rows?: number
} & Pick<TextInputProps, 'description' | 'placeholder' | 'error' | 'maxLength' | 'required' | 'disabled'>

/** A text field that variables can be put into, where the caret is. */
export function PersonalInput({ value, onChange, rows, ...rest }: Props) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const insert = (liquid: string) => {
    const { selectionStart, selectionEnd } = field.current ?? {}
    const start = selectionStart ?? value.length
    onChange(spliced(value, start, selectionEnd ?? start, liquid))
  }
  const shared = {
    ...rest,
    ref: field,
    value,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
    rightSection: rest.disabled ? undefined : <VariablePicker onPick={insert} />,
    rightSectionPointerEvents: 'all' as const,
  }
  return rows ? <Textarea {...shared} rows={rows} /> : <TextInput {...shared} />
}
