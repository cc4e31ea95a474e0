import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { isSearchable } from '@/lib/searching'

type Props = {
  label: string
  value: string | undefined
  /** Called 300 ms after the last key, with nothing that is too short. */
  onChange: (value: string | undefined) => void
  placeholder?: string
}

/** Searches from three characters on, two of Chinese and the like. */
export function SearchInput({ label, value, onChange, placeholder = label }: Props) {
  const [text, setText] = useState(value ?? '')
  const [known, setKnown] = useState(value)
  const report = useDebouncedCallback((next: string) => {
    const query = isSearchable(next.trim()) ? next.trim() : undefined
    setKnown(query)
    onChange(query)
  }, 300)
  if (value !== known) {
    setKnown(value)
    setText(value ?? '')
  }
  const change = (next: string) => {
    setText(next)
    report(next)
  }
  const isShort = text.trim().length > 0 && !isSearchable(text.trim())
  return (
    <TextInput
      type="search"
      size="sm"
      w={{ base: '100%', xs: 260 }}
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
      leftSection={<IconSearch size={15} stroke={1.6} />}
      rightSection={text && <CloseButton size="sm" aria-label={t('Clear')} onClick={() => change('')} />}
      description={isShort ? t('Type three characters or more') : undefined}
      inputWrapperOrder={['input', 'description']}
    />
  )
}
