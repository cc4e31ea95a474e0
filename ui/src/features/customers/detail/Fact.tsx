import { Anchor } from '@mantine/core'
import { type Customer, type Field, isEmpty, mapUrl, pointOf, shown } from '../model'
import { FilesInput } from './FilesInput'
import { SignatureInput } from './SignatureInput'

type Props = { field: Field; value: unknown; customer: Customer }

/** A field's value for reading: files, signatures and points with their links. */
export function Fact({ field, value, customer }: Props) {
  const unlabelled = { customer: customer.id, field: { ...field, label: '' }, value, editable: false }
  if (isEmpty(value)) return '–'
  if (field.type === 'file') return <FilesInput {...unlabelled} />
  if (field.type === 'signature') return <SignatureInput {...unlabelled} />
  const text = shown(field, value, customer.users)
  return field.type === 'gps' ? <Anchor href={mapUrl(pointOf(value))} target="_blank" rel="noreferrer">{text}</Anchor> : text
}
