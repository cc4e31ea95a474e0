import { Alert, Button, Code, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { CopyButton } from '@/ui/CopyButton'
import { Section } from '@/ui/Section'
import { type Authenticator, mine } from '../auth'
import type { FactorProps } from './AuthenticatorApp'

/** Ten codes for the day the phone is lost; each works once. */
export function RecoveryCodes({ codes, run, onChanged }: FactorProps & { codes: Authenticator | undefined }) {
  const make = useMutation({ mutationFn: () => run(mine.newCodes), onSuccess: onChanged })
  const ask = async () => {
    const text = t('The codes you have now stop working.')
    const used = !!codes && codes.unused_code_count !== undefined
    if (!used || (await confirm({ title: t('Make new recovery codes?'), text, action: t('Make new codes') })))
      make.mutate()
  }
  return (
    <Section
      title={t('Recovery codes')}
      actions={
        <Button variant="default" onClick={() => void ask()} loading={make.isPending}>
          {t('New codes')}
        </Button>
      }
    >
      {make.data ? (
        <Stack gap="sm">
          <Alert color="yellow" p="xs">
            {t('Keep them somewhere safe now: they will not be shown again.')}
          </Alert>
          <Group align="flex-start" wrap="nowrap">
            <SimpleGrid cols={2} spacing="xs" verticalSpacing={4} aria-label={t('Recovery codes')} role="group">
              {make.data.map((code) => (
                <Code key={code}>{code}</Code>
              ))}
            </SimpleGrid>
            <CopyButton value={make.data.join('\n')} label={t('Copy the codes')} />
          </Group>
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          {codes
            ? t('{{left}} of {{all}} are left. Make new ones to see them.', {
                left: codes.unused_code_count,
                all: codes.total_code_count,
              })
            : t('You have none. They let you in when your phone is lost.')}
        </Text>
      )}
    </Section>
  )
}
